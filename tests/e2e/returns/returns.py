"""returns.py FOLDER SEED KILLS: a campaign, what comes back of it, and what facteur makes of that."""
import json
import pathlib
import random
import shutil
import smtplib
import sys
import time
from collections import Counter

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "reports")]
import answers  # noqa: E402
import bench  # noqa: E402
import hop  # noqa: E402
import mailers  # noqa: E402
import mix  # noqa: E402
import oracle  # noqa: E402
import pki  # noqa: E402
import zone  # noqa: E402
from bench import Facteur, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = int(sys.argv[3])
SECONDS = 60
CONFIG = bench.CONFIG + "mailboxes: {returns: {protocol: maildir, path: %s}}\n"


class Postfix(mailers.Postfix):
    """Refuses a few at once; of what is delayed it only warns."""

    PATIENCE = 3600
    MORE = """smtpd_recipient_restrictions =
  check_recipient_access regexp:%(folder)s/etc/refused, permit_mynetworks, reject
smtpd_hard_error_limit = 1000
maximal_backoff_time = 1h
smtp_destination_concurrency_limit = 50
"""

    def prepare(self):
        self.MORE %= {"folder": self.folder}
        command = super().prepare()
        self.write("etc/refused", "/^refused/ 550 5.1.1 No such mailbox here\n")
        return command


class Fetched:
    """What a mailbox that was read comes to, whatever the order it was read in."""

    def __init__(self, f, campaign):
        self.doc = json.loads(f.must("report", campaign, "--json"))
        self.suppressed = sorted(json.loads(line)["address"] for line in
                                 f.must("suppress", "list", "--json").splitlines())
        self.kinds = Counter(dict(oracle.ask(f, "SELECT kind, count(*) FROM returned GROUP BY kind")))
        self.later = sorted(oracle.ask(f, "SELECT contact_id, state, reason, status FROM later"))
        self.strikes = sorted(oracle.ask(f, "SELECT contact_id, reason, weight FROM strike"))
        self.causes = sorted(oracle.ask(f, "SELECT reason, n FROM cause"))
        self.events = Counter(dict(oracle.ask(f, "SELECT kind, count(*) FROM event GROUP BY kind")))


def send_campaign(f):
    f.members([(address, given, "K1") for address, given in mix.members()])
    campaign, count = f.prepare("personal", "individual")
    start = time.monotonic()
    done = f.send(campaign, count)
    note(f"sent in {time.monotonic() - start:.1f} s")
    equal("sent: the relay refused its part and took the rest",
          (done.returncode, f.totals(campaign)["accepted"], f.totals(campaign)["refused"]),
          (3, mix.TOTAL - mix.COUNT["refused"], mix.COUNT["refused"]), done.stderr)
    return campaign


def kinds_of_reports(postfix):
    subjects = Counter(mailers.field(file.read_bytes(), "Subject") for _, file in postfix.reports())
    return (subjects["Undelivered Mail Returned to Sender"],
            subjects["Delayed Mail (still being retried)"])


def answer(postfix, taken):
    """The absences and complaints of those who got it, sent as any mail is."""
    kinds = {"away": (answers.absence, lambda nth, sender: sender),
             "cross": (answers.complaint, answers.complaint_address)}
    counts = Counter()
    with smtplib.SMTP("192.0.2.1", 25, "mx.hop.example", timeout=20) as smtp:
        for sender, (member,), raw in taken:
            sort = mix.sort_of(member)
            if sort in kinds:
                write, to = kinds[sort]
                smtp.sendmail("", [to(counts[sort], sender)],
                              write(counts[sort], sender, member, raw))
                counts[sort] += 1
    return counts


def bring_back(postfix, last):
    """Until all is in the mailbox."""
    want = mix.KINDS["failed"], mix.KINDS["delayed"]
    bench.wait_until("all reports", lambda: kinds_of_reports(postfix) == want, SECONDS)
    bench.wait_until("the others have it", lambda: len(last.taken) == mix.TAKEN, SECONDS)
    equal("answered", answer(postfix, last.taken),
          Counter(away=mix.COUNT["away"], cross=mix.COUNT["cross"]))
    total = sum(mix.KINDS.values())
    bench.wait_until("all answers", lambda: len(postfix.reports()) == total, SECONDS)


def fits(what, got):
    """The numbers are those of the mix."""
    totals = got.doc["totals"]
    equal(f"{what}: totals", {key: totals[key] for key in (
        "total", "accepted", "refused", "bounced", "complained", "delivered")},
        {"total": mix.TOTAL, "accepted": mix.TOTAL - mix.COUNT["refused"],
         "refused": mix.COUNT["refused"], "bounced": mix.KINDS["failed"],
         "complained": mix.COUNT["cross"], "delivered": 0})
    equal(f"{what}: kinds", got.kinds, mix.KINDS)
    equal(f"{what}: suppressed", got.suppressed, sorted(
        address for address, _ in mix.members() if mix.sort_of(address) in mix.SUPPRESSED))


def fetch(f):
    return f.run("bounce", "fetch", "--json")


def uninterrupted(f, campaign):
    start = time.monotonic()
    done = fetch(f)
    took = time.monotonic() - start
    equal("fetched: exit 0", done.returncode, 0, done.stderr)
    note(f"fetched in {took:.2f} s: {done.stdout.strip()}")
    first = Fetched(f, campaign)
    fits("fetched", first)
    done = fetch(f)
    equal("fetched again: nothing changes", (done.returncode, vars(Fetched(f, campaign))),
          (0, vars(first)), done.stderr)
    oracle.sound(f, campaign, "fetched")
    return first, took


def under_kills(f, campaign, fresh, whole, took):
    """Kills a fetch at any moment, lets another go on; once it ends by itself, all over again."""
    kills = cut = rounds = 0
    while kills < KILLS:
        fresh.restore()
        rounds += 1
        while kills < KILLS:
            process = f.start("bounce", "fetch")
            time.sleep(RANDOM.uniform(0, took / 2))  # the moment is the test
            over = process.poll() is not None
            process.kill()
            process.wait()
            if over:
                break
            kills += 1
            ((n,),) = oracle.ask(f, "SELECT count(*) FROM returned")
            cut += 0 < n < sum(mix.KINDS.values())
        done = fetch(f)
        got = Fetched(f, campaign)
        equal(f"round {rounds}, {kills} kills: as without any", (done.returncode, vars(got)),
              (0, vars(whole)), done.stderr)
        oracle.sound(f, campaign, f"round {rounds}")
    note(f"{kills} kills in {rounds} rounds, {cut} of them in the midst")
    check("many of the kills came in the midst", cut * 4 >= kills, cut)


class Fresh:
    """The folder and the mailbox before anything was fetched."""

    def __init__(self, *folders):
        self.folders = [(folder, WORK / f"fresh{n}") for n, folder in enumerate(folders)]
        for folder, copy in self.folders:
            shutil.copytree(folder, copy)

    def restore(self):
        for folder, copy in self.folders:
            shutil.rmtree(folder)
            shutil.copytree(copy, folder)


def returns():
    authority = pki.Authority(WORK / "ca")
    authority.certificate("relay")
    last = hop.Hop("hop.example", zone.HOPS["hop.example"], mix.RULES, offers=("DSN", "SMTPUTF8"))
    with Postfix(WORK / "postfix", authority) as postfix:
        f = Facteur(WORK / "facteur", 25, config=CONFIG.replace(
            "%s", str(postfix.folder / "mail/all")))
        campaign = send_campaign(f)
        bring_back(postfix, last)
    fresh = Fresh(f.folder, postfix.folder / "mail/all")
    whole, took = uninterrupted(f, campaign)
    under_kills(f, campaign, fresh, whole, took)


WORK.mkdir(parents=True)
WORK.chmod(0o755)
bench.play(returns)
