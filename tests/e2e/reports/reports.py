"""Makes the servers report, then asks facteur what it reads in the reports."""
import email.message
import email.policy
import json
import pathlib
import smtplib
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import cases  # noqa: E402
import hop  # noqa: E402
import pki  # noqa: E402
import zone  # noqa: E402
from bench import Facteur, check  # noqa: E402
from mailers import Dovecot, Exim, OpenSmtpd, Postfix  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
ONLY = sys.argv[2:]
SECONDS = 60


def envelope_id(server, case):
    return f"{server}-{case.name}"


def message_id(server, case):
    return f"{case.name}.{server}@asso.example"


def letter(server, case):
    message = email.message.EmailMessage()
    message["From"] = "Association Exemple <contact@asso.example>"
    to = case.recipients()
    message["To"] = to[0] if len(to) == 1 else "undisclosed-recipients:;"
    message["Subject"] = f"News of the month ({case.name})"
    message["Message-ID"] = f"<{message_id(server, case)}>"
    message["Date"] = email.utils.localtime()
    message.set_content("The hall is closed on Friday.\n" * 20)
    return message.as_bytes(policy=email.policy.SMTPUTF8)


def send(peer, case):
    """One letter, with the extensions of RFC 3461."""
    options = [f"ENVID={envelope_id(peer.NAME, case)}", f"RET={case.ret}"]
    if any(not address.isascii() for address in case.recipients()):
        options += ["SMTPUTF8", "BODY=8BITMIME"]
    with smtplib.SMTP("127.0.0.1", peer.ports["smtp"], "sender.example", timeout=20) as smtp:
        refused = smtp.sendmail(f"returns+{case.name}@asso.example", case.recipients(),
                                letter(peer.NAME, case), options, [f"NOTIFY={case.notify}"])
    assert not refused, refused


def report_name(server, case):
    return f"{server}-{case.name}" + (f"-{case.part}" if case.part > 1 else "")


def collect(peer, plan):
    """{case: [files, as they came]} once all are there that should be."""
    due, found = Counter(case.name for case in plan), {}

    def all_there():
        peer.nudge()
        found.clear()
        for address, file in sorted(peer.reports(), key=lambda report: report[1].stat().st_mtime_ns):
            found.setdefault(address.partition("+")[2].partition("@")[0], []).append(file)
        return all(len(found.get(name, ())) >= n for name, n in due.items())

    try:
        bench.wait_until("all reports", all_there, SECONDS)
    except TimeoutError:
        pass  # each that is missing is told
    return found


def verdicts(folder):
    done = Facteur(WORK / "facteur").run("bounce", "parse", "--json", folder)
    check("bounce parse: exit 0", done.returncode == 0, done.stderr)
    return {pathlib.Path(doc["file"]).name: doc
            for doc in map(json.loads, done.stdout.splitlines())}


def wanted(server, case):
    doc = {"kind": case.kind}
    if case.rows is not None:
        doc["recipients"] = sorted((row.address, row.action, row.status, row.code, row.reason)
                                   for row in case.rows)
    if case.quoted:
        doc["message_id"] = message_id(server, case)
    if case.envelope_id:
        doc["envelope_id"] = envelope_id(server, case)
    return doc


def told(doc, want):
    """Of a verdict what is wanted of it."""
    got = {"kind": doc["kind"], "message_id": doc["original"]["message_id"],
           "envelope_id": doc["original"]["envelope_id"],
           "recipients": sorted((r["address"], r["action"], r["status"], r["reply_code"], r["reason"])
                                for r in doc["recipients"])}
    return {key: got[key] for key in want}


def judge(case, server, doc, file):
    if doc is None:
        check(f"{file.name}: read", False)
        return
    want = wanted(server, case)
    got = told(doc, want)
    wrong = [f"{key}: got {got[key]!r}, wanted {want[key]!r}" for key in want if got[key] != want[key]]
    said = [r["diagnostic"] or "" for r in doc["recipients"]]
    wrong += [f"{text!r} is not one line" for text in said if "\n" in text or "  " in text]
    check(f"{file.name}: {case.kind}", not wrong, *wrong,
          *(file.read_text("utf-8", "replace").splitlines() if wrong else ()))


def play(peer, plan):
    start = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda case: send(peer, case), (case for case in plan if case.part == 1)))
    found = collect(peer, plan)
    bench.note(f"{peer.NAME}: {sum(map(len, found.values()))} reports of {len(plan)} in "
               f"{time.monotonic() - start:.1f} s")
    return found


class Servers:
    """Postfix comes with Dovecot behind it, where that is."""

    def __init__(self):
        self.authority = pki.Authority(WORK / "ca")
        self.authority.certificate("relay")
        self.hops = [hop.Hop(name, zone.HOPS[name], cases.REPLIES, **how)
                     for name, how in cases.HOPS.items()]
        self.running = []

    def start(self, kind):
        peer = kind(WORK / kind.NAME, self.authority)
        if kind is Postfix and not Dovecot.missing():
            store = self.start(Dovecot)
            peer.lmtp = store.socket
        self.running.append(peer)
        peer.start()
        return peer

    def stop(self):
        for peer in reversed(self.running):
            peer.stop()


def plan_of(kind):
    plan = cases.BY[kind.NAME]
    if kind is Postfix and Dovecot.missing():
        print(f"skip - dovecot: {Dovecot.missing()}", flush=True)
        plan = cases.POSTFIX
    return plan


def all_reports():
    kinds = [kind for kind in (Postfix, Exim, OpenSmtpd) if not ONLY or kind.NAME in ONLY]
    for kind in kinds:
        if kind.missing():
            print(f"skip - {kind.NAME}: {kind.missing()}", flush=True)
    kinds = [kind for kind in kinds if not kind.missing()]
    servers = Servers()
    try:
        with ThreadPoolExecutor(len(kinds)) as pool:
            found = dict(zip(kinds, pool.map(
                lambda kind: play(servers.start(kind), plan_of(kind)), kinds)))
        weigh(found)
    finally:
        servers.stop()


def weigh(found):
    """Lays all reports into one Maildir, and compares what facteur reads with the table."""
    box, due = WORK / "reports", []
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    for kind, reports in found.items():
        plan = plan_of(kind)
        for name, n in Counter(case.name for case in plan).items():
            files = reports.get(name, [])
            check(f"{kind.NAME}-{name}: {n} came", len(files) == n, *files)
        for case in plan:
            for file in reports.get(case.name, [])[case.part - 1:case.part]:
                due.append((case, kind.NAME, box / "new" / report_name(kind.NAME, case)))
                due[-1][2].write_bytes(file.read_bytes())
    docs = verdicts(box)
    for case, server, file in due:
        judge(case, server, docs.get(file.name), file)


WORK.mkdir(parents=True)
WORK.chmod(0o755)
bench.play(all_reports)
