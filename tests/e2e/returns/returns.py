"""Sends to a known mix through the Postfix that run.sh has started, and counts what came back."""
import json
import pathlib
import random
import sys
import time
from collections import Counter

from aiosmtpd.controller import Controller

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402

WORK, PORT, POSTFIX = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
HOP = int(sys.argv[4])
RETURNS = POSTFIX / "mail" / "returns"
# Of 1,000: how many, and what the campaign has to say of them in the end.
MIX = {
    "@good.example": (700, "delivered", None),
    "@unknown.example": (60, "bounced", "user-unknown"),
    "gone@hop.example": (50, "bounced", "user-unknown"),
    "@full.example": (40, "bounced", "mailbox-full"),
    "@closed.example": (30, "bounced", "mailbox-disabled"),
    "@spam.example": (20, "bounced", "spam"),
    "@later.example": (50, "", None),
    "@refused.example": (50, "refused", "user-unknown"),
}
MORE = """bounces:
  pause: {hard: 0%%%%}
mailboxes:
  returns: {protocol: maildir, path: "%s"}
"""


class Hop:
    """Where Postfix hands on what is for hop.example: nobody lives there."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        return f"550 5.1.1 <{address}>: no such mailbox"


def members():
    people = []
    for where, (n, _, _) in MIX.items():
        local, domain = where.split("@")
        people += [(f"{local or 'm'}{i}@{domain}", "Ana", i) for i in range(n)]
    random.Random(4).shuffle(people)
    return people


def told(what):
    """How many of the mix the campaign should say that of."""
    return sum(n for n, fate, _ in MIX.values() if fate == what)


def reports():
    return sum(1 for folder in ("new", "cur") for _ in (RETURNS / folder).glob("*"))


def fetch(f):
    return json.loads(f.must("bounce", "fetch", "--json").splitlines()[-1])


def cut_short(f):
    """Killed in the middle, some times over: what was committed stands, the rest comes again."""
    for pause in (0.02, 0.05, 0.08, 0.1, 0.15):
        process = f.start("bounce", "fetch")
        time.sleep(pause)  # wherever it is by then
        process.kill()
        process.wait()


def numbers(f, campaign):
    report = json.loads(f.must("report", campaign, "--json"))
    totals, returned = report["totals"], Counter()
    equal("accepted stays what the relay said",
          (totals["total"], totals["accepted"], totals["refused"]), (1000, 950, 50))
    equal("delivered, bounced and complained are those of the mix",
          [totals[key] for key in ("delivered", "bounced", "complained")],
          [told("delivered"), told("bounced"), 0])
    for row in report["returned"]:
        returned[row["state"], row["reason"]] += row["count"]
    want = Counter()
    for n, fate, reason in MIX.values():
        if fate in ("delivered", "bounced"):
            want[fate, reason] += n
    equal("and so are the reasons", returned, want)
    people = {row["address"]: row for row in f.recipients(campaign)}
    wrong = [(address, row["state"], row["returned"], row["returned_text"]) for address, row in people.items()
             if not as_mixed(address, row)]
    equal("each recipient has what the mix gave", wrong, [])
    equal("spam by the dozen is an alarm", ["blocked"], [a["cause"] for a in report["alarms"]
                                                        if a["cause"] == "blocked"])


def as_mixed(address, row):
    for where, (_, fate, reason) in MIX.items():
        local, domain = where.split("@")
        if address.startswith(local) and address.endswith("@" + domain):
            if fate == "refused":
                return row["state"] == "refused" and row["reason"] == reason
            return (row["state"], row["returned"] or "", row["returned_reason"]) == (
                "accepted", fate, reason)
    return False


def suppressed(f):
    out = f.must("suppress", "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    equal("whoever does not exist is never mailed again, refused at once or bounced later",
          (len(rows), {row["reason"] for row in rows}, {row["campaign"] for row in rows}),
          (160, {"user-unknown"}, {1}))


def mix():
    f = Facteur(WORK / "mix", PORT, "notify_success: true",
                config=bench.CONFIG + MORE % RETURNS)
    f.members(members())
    campaign, count = f.prepare("personal", "individual")
    done = f.send(campaign, count)
    equal("the campaign: some were refused", done.returncode, 3, done.stderr)
    expected = told("delivered") + told("bounced") + 50  # of those who are delayed
    bench.wait_until("all reports are there", lambda: reports() >= expected, 120)
    cut_short(f)
    fetch(f)
    again = fetch(f)
    equal("read again: nothing new", (again["read"], again["again"]), (0, 0))
    kinds = Counter(json.loads(line)["kind"]
                    for line in f.must("bounce", "list", "--limit", "0", "--json").splitlines())
    equal("each report was taken into account once", kinds,
          Counter(delivered=told("delivered"), failed=told("bounced"), delayed=50))
    equal("nothing waits for a decision", f.must("bounce", "review", "--json"), "")
    numbers(f, campaign)
    suppressed(f)
    check("the log of events is whole", f.run("audit", "verify").returncode == 0)


hop = Controller(Hop(), hostname="127.0.0.1", port=HOP)
hop.start()
bench.play(mix)
