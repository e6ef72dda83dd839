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
NOTIFY = "notify_success: true"
KILLS_OF_ONE = 10  # a mailbox gives room for so many; then it is read in peace
SECONDS = 60
RETURNED = sum(mix.KINDS.values())
CONFIG = bench.CONFIG + "mailboxes: {returns: {protocol: maildir, path: %(box)s%(move)s}}\n"
MOVE = (", move: {bounce: Facteur/Bounces, auto-reply: Facteur/Absences,"
        " complaint: Facteur/Complaints}")


class Postfix(mailers.Postfix):
    """Refuses a few at once; of what is delayed it only warns."""

    PATIENCE = 3600
    MORE = """smtpd_recipient_restrictions =
  check_recipient_access regexp:%(folder)s/etc/refused, permit_mynetworks, reject
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
        doc = json.loads(f.must("report", campaign, "--json"))
        for alarm in doc["alarms"]:
            del alarm["at"]
        self.totals, self.doc = doc["totals"], doc
        self.returned = Counter({(row["state"], row["reason"]): row["count"] for row in doc["returned"]})
        self.people = {row["address"]: row for row in f.recipients(campaign)}
        for row in self.people.values():
            del row["returned_at"]
        self.waiting = f.must("bounce", "review", "--json")
        self.suppressed = sorted(json.loads(line)["address"] for line in
                                 f.must("suppress", "list", "--json").splitlines())
        self.kinds = Counter(dict(oracle.ask(f, "SELECT kind, count(*) FROM returned GROUP BY kind")))
        self.later = sorted(oracle.ask(f, "SELECT contact_id, state, reason, status FROM later"))
        self.strikes = sorted(oracle.ask(f, "SELECT contact_id, reason, weight FROM strike"))
        self.causes = sorted(oracle.ask(f, "SELECT reason, n FROM cause"))
        self.events = Counter(dict(oracle.ask(f, "SELECT kind, count(*) FROM event GROUP BY kind")))

    def differs(self, other):
        """What is not the same, named."""
        return [f"{name}: {mine!r} and {theirs!r}"[:2000] for (name, mine), theirs in
                zip(vars(self).items(), vars(other).values()) if mine != theirs]


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
            subjects["Delayed Mail (still being retried)"],
            subjects["Successful Mail Delivery Report"])


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
    want = mix.KINDS["failed"], mix.KINDS["delayed"], mix.KINDS["delivered"]
    bench.wait_until("all reports", lambda: kinds_of_reports(postfix) == want, SECONDS)
    bench.wait_until("the others have it", lambda: len(last.taken) == mix.TAKEN, SECONDS)
    equal("answered", answer(postfix, last.taken),
          Counter(away=mix.COUNT["away"], cross=mix.COUNT["cross"]))
    bench.wait_until("all answers", lambda: len(postfix.reports()) == RETURNED, SECONDS)


def as_mixed(sort, row):
    if sort == "refused":
        return (row["state"], row["reason"]) == ("refused", "user-unknown")
    return (row["state"], (row["returned"], row["returned_reason"])) == (
        "accepted", mix.LATER.get(sort, (None, None)))


def fits(what, got):
    """The numbers are those of the mix."""
    equal(f"{what}: totals", {key: got.totals[key] for key in (
        "total", "accepted", "refused", "bounced", "complained", "delivered")},
        {"total": mix.TOTAL, "accepted": mix.TOTAL - mix.COUNT["refused"],
         "refused": mix.COUNT["refused"], "bounced": mix.KINDS["failed"],
         "complained": mix.COUNT["cross"], "delivered": mix.COUNT["local"]})
    equal(f"{what}: reasons", got.returned,
          Counter({later: mix.COUNT[name] for name, later in mix.LATER.items()}))
    equal(f"{what}: what each recipient has is what the mix gave",
          [row for address, row in got.people.items() if not as_mixed(mix.sort_of(address), row)], [])
    equal(f"{what}: nothing waits for a decision", got.waiting, "")
    equal(f"{what}: kinds", got.kinds, mix.KINDS)
    equal(f"{what}: who is not written to again", got.suppressed, sorted(
        address for address, _ in mix.members() if mix.sort_of(address) in mix.SUPPRESSED))


class Scene:
    """The folder and the mailbox, which can be put back to before anything was fetched."""

    def __init__(self, f, box, campaign):
        self.f, self.box, self.campaign = f, box, campaign
        for folder in (f.folder, box):
            shutil.copytree(folder, self.copy(folder))

    @staticmethod
    def copy(folder):
        return folder.parent / f"{folder.name}-fresh"

    def restore(self, move):
        for folder in (self.f.folder, self.box):
            shutil.rmtree(folder)
            shutil.copytree(self.copy(folder), folder)
        self.f.configure(25, NOTIFY, config=configuration(self.box, MOVE if move else ""))

    def fetch(self):
        return self.f.run("bounce", "fetch", "--json")

    def taken(self):
        """How many messages are taken into account."""
        ((n,),) = oracle.ask(self.f, "SELECT count(*) FROM returned")
        return n

    def folders(self):
        """How many messages lie in each folder."""
        places = Counter(path.parent.parent.name for name in ("new", "cur", "tmp")
                         for path in self.box.glob(f"**/{name}/*"))
        return {"" if name == self.box.name else name: n for name, n in places.items()}


def configuration(box, move):
    return CONFIG.replace("%(box)s", str(box)).replace("%(move)s", move)


def uninterrupted(scene):
    start = time.monotonic()
    done = scene.fetch()
    took = time.monotonic() - start
    equal("fetched: exit 0", done.returncode, 0, done.stderr)
    note(f"fetched in {took:.2f} s: {done.stdout.strip()}")
    first = Fetched(scene.f, scene.campaign)
    fits("fetched", first)
    equal("fetched: all is where it was", scene.folders(), {"": RETURNED})
    done = scene.fetch()
    again = json.loads(done.stdout)
    equal("fetched again: nothing changes",
          (done.returncode, again["read"], Fetched(scene.f, scene.campaign).differs(first)),
          (0, 0, []), done.stderr)
    oracle.sound(scene.f, scene.campaign, "fetched")
    return first


def kill_one(scene, late, took):
    """1, or 0 when it had ended by itself. The moment is the test: any at all, or late, where
    something is durable and the rest is not."""
    process = scene.f.start("bounce", "fetch")
    if late:
        before = scene.taken()
        bench.wait_until("something is durable",
                         lambda: scene.taken() > before or process.poll() is not None)
        time.sleep(RANDOM.uniform(0, took / 10))
    else:
        time.sleep(RANDOM.uniform(0, took / 2))
    alive = process.poll() is None
    process.kill()
    process.wait()
    return int(alive)


def how_long(scene, move):
    scene.restore(move)
    start = time.monotonic()
    scene.fetch()
    return time.monotonic() - start


def round_of_kills(scene, whole, move, took, most):
    """Kills one fetch after the other until one ends by itself; how many, and how many of them
    came in the midst."""
    scene.restore(move)
    kills = cut = 0
    while kills < most and kill_one(scene, kills % 2, took):
        kills += 1
        cut += 0 < scene.taken() < RETURNED
    done = scene.fetch()
    what = f"{kills} kills, {'moved' if move else 'left'}"
    equal(f"{what}: as without any", (done.returncode, Fetched(scene.f, scene.campaign).differs(whole)),
          (0, []), done.stderr)
    equal(f"{what}: each message is there once", scene.folders(),
          mix.FOLDERS if move else {"": RETURNED})
    oracle.sound(scene.f, scene.campaign, what)
    return kills, cut


def under_kills(scene, whole):
    kills = cut = rounds = 0
    took = {move: how_long(scene, move) for move in (True, False)}
    while kills < KILLS:
        # Each message that is moved has a commit of its own: there is more to hit.
        move = rounds % 3 != 2
        more, midst = round_of_kills(scene, whole, move, took[move],
                                     min(KILLS_OF_ONE, KILLS - kills))
        kills, cut, rounds = kills + more, cut + midst, rounds + 1
    note(f"{kills} kills in {rounds} rounds, {cut} of them in the midst")
    check("many of the kills came in the midst", cut * 4 >= kills, cut)


def returns():
    authority = pki.Authority(WORK / "ca")
    authority.certificate("relay")
    last = hop.Hop("hop.example", zone.HOPS["hop.example"], mix.RULES, offers=("DSN", "SMTPUTF8"))
    with Postfix(WORK / "postfix", authority) as postfix:
        box = postfix.folder / "mail/all"
        f = Facteur(WORK / "facteur", 25, NOTIFY, config=configuration(box, ""))
        campaign = send_campaign(f)
        bring_back(postfix, last)
    scene = Scene(f, box, campaign)
    under_kills(scene, uninterrupted(scene))


WORK.mkdir(parents=True)
WORK.chmod(0o755)
bench.play(returns)
