"""A group of relays: relays.py FOLDER SEED KILLS LIBFAKETIME"""
import datetime
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = int(sys.argv[3])
CLOCK = sys.argv[4]
MEMBERS = 1000
PARTLY, UNAVAILABLE, RESUMABLE = 3, 69, 75
AHEAD, CONNECTIONS = 4, 2
FASTER = 30  # times as fast as the clock of the world

CONFIG = bench.CONFIG.replace("""relays:
""", """relays:
  first: {type: smtp, host: 127.0.0.1, port: %(first)s, tls: none%(more_first)s}
  second: {type: smtp, host: 127.0.0.1, port: %(second)s, tls: none%(more_second)s}
  group: {type: group, through: %(through)s}
""")


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Scene:
    """A folder with two relays in a group; `first` and `second` are ports, or options of a server."""

    def __init__(self, name, through="[first, second]", first=(), second=(), more=("", ""),
                 members=MEMBERS):
        self.name, self.folder, self.members = name, WORK / name.replace(" ", "-"), members
        self.relays = [None if isinstance(options, int) else Relay(self.folder / str(i), *options)
                       for i, options in enumerate((first, second))]
        ports = [given if relay is None else relay.port
                 for relay, given in zip(self.relays, (first, second))]
        config = CONFIG
        for key, value in (("first", ports[0]), ("second", ports[1]), ("through", through),
                           ("more_first", more[0]), ("more_second", more[1])):
            config = config.replace(f"%({key})s", str(value))
        self.f = Facteur(self.folder / "facteur", 9, config=config)
        self.f.members(bench.members(members))
        self.campaign, self.count = self.f.prepare("plain", "individual", relay="group")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for relay in self.relays:
            if relay is not None:
                relay.__exit__()

    def taken(self, which):
        relay = self.relays[which]
        return relay.addresses() if relay is not None else []

    def all_taken(self):
        return self.taken(0) + self.taken(1)

    def send(self, **more):
        return self.f.send(self.campaign, self.count, **more)

    def judge(self, done):
        """Nobody lost, nobody doubled, also not by the other relay, and the report knows who
        sent what."""
        oracle.verdict(self.name, self.f, self.campaign, self.all_taken(), self.members, done)
        rows = self.f.recipients(self.campaign)
        for which, name in enumerate(("first", "second")):
            said = {row["address"] for row in rows
                    if row["relay"] == name and row["state"] == "accepted"}
            equal(f"{self.name}: the report knows what {name} took",
                  said - set(self.taken(which)), set())
        parts = json.loads(self.f.must("report", self.campaign, "--json"))["relays"]
        equal(f"{self.name}: the parts of the report are its rows",
              {p["relay"]: p["total"] for p in parts},
              dict(Counter(row["relay"] for row in rows if row["relay"])))

    def last(self, done):
        return json.loads(done.stdout.splitlines()[-1])

    def way(self, done, which):
        return self.last(done)["relays"][which]


def shares():
    with Scene("shares", "[first 3, second]") as s:
        done = s.send()
        s.judge(done)
        # What one has in hand at the end may be on the wrong side.
        got = len(s.taken(0))
        check("shares: three to one", abs(got - MEMBERS * 3 // 4) <= MEMBERS // 20, got)
        equal("shares: what the summary says", [s.way(done, i)["accepted"] for i in (0, 1)],
              [len(s.taken(0)), len(s.taken(1))])
        check("shares: nothing strange on the wire", not s.relays[0].strange()
              and not s.relays[1].strange())


def turn_by_turn():
    """Each relay goes through the providers in turn, whichever the other one is at."""
    with Scene("turns", more=(", max_connections: 1",) * 2, members=1) as s:
        config = s.f.folder / "facteur.yaml"
        config.write_text(config.read_text() + "destinations:\n" + "".join(
            f"  {d}: {{domains: [{d}.example]}}\n" for d in "abc"))
        s.f.members([(f"m{i}@{'abc'[i % 3]}.example", "Zo\u00e9", "K") for i in range(600)], "mixed")
        campaign, count = s.f.prepare("plain", "individual", to="mixed", relay="group")
        equal("turns: exit code", s.f.send(campaign, count).returncode, 0)
        for which in (0, 1):
            seen = Counter(a.split("@")[1] for a in s.taken(which)[:100])
            check(f"turns: of {which} all providers get some from the start",
                  len(seen) == 3 and min(seen.values()) >= 15, seen)


def blind_copies():
    with Scene("bcc") as s:
        campaign, count = s.f.prepare("plain", "bcc", relay="group")
        equal("bcc: exit code", s.f.send(campaign, count).returncode, 0)
        sizes = [len(m["rcpts"]) for relay in s.relays for m in relay.accepted()]
        equal("bcc: every message is as large as it may be", sizes, [50] * (MEMBERS // 50))
        check("bcc: both were used", s.taken(0) and s.taken(1))


def slow_one():
    """One that takes two seconds for each message is not waited for."""
    with Scene("slow", first=("--slow", "example.org@2000"), members=120) as s:
        at = time.monotonic()
        done = s.send()
        s.judge(done)
        taken, took = [len(s.taken(i)) for i in (0, 1)], time.monotonic() - at
        # By halves it would take two minutes; what the slow one has in hand takes some seconds.
        check("slow: the other goes on", taken[1] > 3 * taken[0], taken, took)


def reserve():
    with Scene("reserve", "[first, second reserve]") as s:
        done = s.send()
        s.judge(done)
        equal("reserve: it is not used while the other works", len(s.taken(1)), 0)
    with Scene("reserve needed", "[first, second reserve]", first=closed_port()) as s:
        done = s.send()
        s.judge(done)
        equal("reserve: it is used when the other fails", len(s.taken(1)), MEMBERS)
        check("reserve: why is said", s.way(done, 0)["failing"]
              and s.way(done, 0)["why"].startswith("relay first: "), s.last(done))
        equal("reserve: nobody waits for anything", s.last(done)["next_due"], None)


def reserve_rests():
    """What it does not need, it does not keep from those who use that relay alone."""
    with Scene("reserve rests", "[first, second reserve]", first=("--slow", "example.org@500"),
               more=("", ", max_connections: 1"), members=60) as s:
        process = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count)
        bench.wait_until("it sends", lambda: s.taken(0) or process.poll() is not None)
        done = s.f.send(*s.f.prepare("plain", "individual", relay="second"))
        equal("reserve rests: the other campaign is sent", (done.returncode, len(s.taken(1))),
              (0, s.members))
        check("reserve rests: meanwhile, not afterwards", process.poll() is None)
        process.terminate()
        process.wait(20 * bench.SLOWER)


def unreachable():
    with Scene("unreachable", first=closed_port()) as s:
        done = s.send()
        s.judge(done)
        check("unreachable: it is told", s.way(done, 0)["failing"]
              and s.way(done, 0)["until"] is not None, s.last(done))
        done = s.f.run("campaign", "send", s.f.prepare("plain", "individual", relay="group")[0],
                       "--yes", "--expect-count", MEMBERS)
        check("unreachable: in words", "relay first: " in done.stderr
              and "others took its part" in done.stderr, done.stderr)


def refused(name, options=(), more=("", "")):
    """The first relay will not have our mail at all, or not us."""
    with Scene(name, first=options, more=more) as s:
        done = s.send()
        s.judge(done)
        equal(f"{name}: the other one sends all", len(s.taken(1)), MEMBERS)
        check(f"{name}: it is not used again by this run", s.way(done, 0)["failing"]
              and s.way(done, 0)["until"] is None, s.last(done))


def refusals():
    refused("sender refused", ("--fault", "mail-550@*"))
    refused("content refused", ("--fault", "end-554@*"))
    refused("no login", more=(", username: u, password_env: NO_SECRET", ""))


def put_off():
    """Not now, says the first one to every message: the second one sends them."""
    for fault, deferred in (("mail-451", 0), ("end-451", 10 + AHEAD * CONNECTIONS),
                            ("end-421", 10)):
        with Scene(f"put off, {fault}", first=("--fault", f"{fault}@*"), members=300) as s:
            done = s.send()
            totals = s.f.totals(s.campaign)
            check(f"put off, {fault}: all but a few are sent at once",
                  totals["deferred"] <= deferred
                  and totals["accepted"] + totals["deferred"] == s.members, totals, done.stderr)
            equal(f"put off, {fault}: exit code", done.returncode,
                  RESUMABLE if totals["deferred"] else 0)


def beyond_ascii():
    """Addresses that only one of the relays can take."""
    rows = [(f"zo\u00e9{i}@example.org" if i % 2 else f"zoe{i}@example.org", "Z", "K")
            for i in range(200)]
    for mode in ("individual", "bcc"):
        with Scene(f"beyond ASCII, {mode}", first=("--no-utf8",), members=1) as s:
            s.f.members(rows, "mixed")
            campaign, count = s.f.prepare("plain", mode, to="mixed", relay="group")
            done = s.f.send(campaign, count)
            equal(f"beyond ASCII, {mode}: all are sent", (done.returncode, sorted(s.all_taken())),
                  (0, sorted(a for a, _, _ in rows)), s.f.totals(campaign))
            check(f"beyond ASCII, {mode}: both are used", s.taken(0) and s.taken(1))
    # Nobody can, or not before that one is back: a no is final only in the first case.
    for name, second, state, code in (("nobody", ("--no-utf8",), "refused", PARTLY),
                                      ("not now", closed_port(), "deferred", RESUMABLE)):
        with Scene(f"beyond ASCII, {name}", first=("--no-utf8",), second=second, members=1) as s:
            s.f.members(rows, "mixed")
            campaign, count = s.f.prepare("plain", "individual", to="mixed", relay="group")
            done = s.f.send(campaign, count)
            totals = s.f.totals(campaign)
            equal(f"beyond ASCII, {name}: the others are sent",
                  (done.returncode, totals["accepted"], totals[state] + totals["pending"]),
                  (code, 100, 100), totals, done.stderr)


def dies():
    """The first relay is killed while it has messages: those that it may have taken stay with it."""
    for through in ("[first, second]", "[first, second reserve]"):
        name = f"dies, {through.strip('[]').replace(',', '')}"
        with Scene(name, through, members=3000, more=(", max_connections: 2",) * 2) as s:
            process = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count,
                                "--json", "--progress", "none")
            bench.wait_until("it sends", lambda: s.relays[0].size() > 20000
                             or process.poll() is not None)
            s.relays[0].process.kill()
            process.wait(60 * bench.SLOWER)
            done = s.f.resume(s.campaign) if process.returncode == RESUMABLE else process
            equal(f"{name}: exit code", done.returncode in (0, PARTLY), True, done.returncode)
            rows = s.f.recipients(s.campaign)
            doubt = {r["address"] for r in rows if r["state"] == "uncertain"}
            both = Counter(s.all_taken())
            equal(f"{name}: nobody got it twice", [a for a, n in both.items() if n > 1], [])
            equal(f"{name}: who is in doubt went to no other relay", doubt & set(s.taken(1)), set())
            equal(f"{name}: all others have it",
                  {r["state"] for r in rows if r["address"] not in doubt}, {"accepted"})
            check(f"{name}: at most what was on its way is in doubt",
                  len(doubt) <= AHEAD * CONNECTIONS, len(doubt))
            equal(f"{name}: doubt is told of the relay that had it",
                  {r["relay"] for r in rows if r["state"] == "uncertain"} - {"first"}, set())
            equal(f"{name}: log and sums", s.f.run("audit", "verify").returncode, 0)
            check(f"{name}: both were used", s.taken(0) and s.taken(1))


def never_greets():
    """It takes connections, and that is all: nobody waits for its five minutes."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(100)
        with Scene("never greets", first=hole.getsockname()[1], members=200) as s:
            done = s.send()
            s.judge(done)
            check("never greets: it is told", s.way(done, 0)["failing"]
                  and s.way(done, 0)["until"] is not None, s.last(done))
            equal("never greets: the other one sends all", len(s.taken(1)), 200)


def stands_still():
    """It does not go on, for a while: others send what has not been given to it."""
    with Scene("stands still", members=2000) as s:
        process = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count,
                            "--json", "--progress", "none", stdout=subprocess.PIPE, text=True)
        bench.wait_until("it sends", lambda: s.relays[0].size() > 100000
                         or process.poll() is not None)
        s.relays[0].process.send_signal(signal.SIGSTOP)
        try:
            bench.wait_until("the other one sends the rest", lambda: s.f.totals(
                s.campaign)["pending"] <= AHEAD * CONNECTIONS, 60)
        finally:
            s.relays[0].process.send_signal(signal.SIGCONT)
        said, _ = process.communicate(timeout=60 * bench.SLOWER)
        s.judge(subprocess.CompletedProcess((), process.returncode, said, ""))


def taken_over():
    """One of two senders dies; the other does the rest, though one of its relays is left alone."""
    with Scene("taken over", first=closed_port(), second=("--slow", "example.org@20"),
               members=400) as s:
        dying = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count)
        bench.wait_until("it sends", lambda: len(s.taken(1)) > 100 or dying.poll() is not None)
        other = s.f.start("campaign", "resume", s.campaign)
        bench.wait_until("both send", lambda: len(oracle.ask(
            s.f, "SELECT DISTINCT sender_id FROM delivery WHERE state = 1")) == 2
            or dying.poll() is not None)
        dying.send_signal(signal.SIGSTOP)
        bench.wait_until("the other has done its part", lambda: oracle.ask(
            s.f, "SELECT count(*) > 0, count(DISTINCT sender_id) FROM delivery WHERE state < 3")
            == [(1, 1)] or other.poll() is not None)
        dying.kill()
        dying.wait()
        check("taken over: its end is seen", other.wait(60 * bench.SLOWER) in (0, PARTLY))
        totals = s.f.totals(s.campaign)
        equal("taken over: nobody is left", totals["pending"] + totals["deferred"], 0, totals)
        equal("taken over: nobody got it twice",
              [a for a, n in Counter(s.all_taken()).items() if n > 1], [])


def cuts_off():
    """An answer that never comes, now and then: in doubt, whoever else could have sent it."""
    with Scene("cuts off", first=("--fault", "end-cut@7", "--fault", "end-cut@40")) as s:
        done = s.send()
        s.judge(done)
        doubt = {r["address"] for r in s.f.recipients(s.campaign) if r["state"] == "uncertain"}
        check("cuts off: they are in doubt", len(doubt) >= 2, doubt)
        equal("cuts off: the other did not get them", doubt & set(s.taken(1)), set())


def none_left():
    with Scene("none left", first=closed_port(), second=closed_port()) as s:
        done = s.send()
        equal("none left: exit code", done.returncode, UNAVAILABLE, done.stderr)
        check("none left: no other took anything", "others took" not in done.stderr, done.stderr)
        equal("none left: it can go on", oracle.state(s.f, s.campaign), "paused")
        equal("none left: everybody waits", s.f.totals(s.campaign)["pending"], MEMBERS)


def quotas():
    """Each keeps its own; what one may not send now the other does."""
    with Scene("quotas", more=(", rate: [50/h]", "")) as s:
        done = s.send()
        s.judge(done)
        equal("quotas: to the last slot, and not one more", len(s.taken(0)), 50)
        # The same relay by its own name: the hour is used up.
        f = s.f
        campaign, count = f.prepare("plain", "individual", relay="first")
        process = f.start("campaign", "send", campaign, "--yes", "--expect-count", count)
        bench.wait_until("it waits", lambda: json.loads(
            f.must("campaign", "status", campaign, "--json"))["campaigns"][0]["quotas"])
        process.terminate()
        process.wait(20 * bench.SLOWER)
        equal("quotas: they are shared with campaigns that use the relay alone",
              len(s.taken(0)), 50)


def hours():
    day = time.gmtime(time.time() + 2 * 86400)
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.tm_wday]
    with Scene("hours", more=(f', send_between: "{name} 08:00-09:00 UTC"', "")) as s:
        done = s.send()
        s.judge(done)
        equal("hours: the other one sends all", len(s.taken(1)), MEMBERS)


def hours_and_failing():
    """One of them not before the day after tomorrow, the other left alone for a minute."""
    day = time.gmtime(time.time() + 2 * 86400)
    name = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[day.tm_wday]
    with Scene("hours and failing", second=closed_port(), members=20,
               more=(f', send_between: "{name} 08:00-09:00 UTC"', "")) as s:
        done = s.send()
        equal("hours and failing: exit code", done.returncode, RESUMABLE, done.stderr)
        opens = datetime.datetime.fromisoformat(s.last(done)["opens"].replace("Z", "+00:00"))
        check("hours and failing: worth another try in a minute or so",
              opens.timestamp() - time.time() < 300, s.last(done))


def shot(f, campaign, count):
    first = oracle.state(f, campaign) == "prepared"
    return f.start("campaign", *(("send", campaign, "--yes", "--expect-count", count) if first
                                 else ("resume", campaign)), "--json", "--progress", "none")


def kills():
    """kill -9, over and over."""
    with Scene("kills", "[first 2, second]", members=3000,
               more=(", max_connections: 2",) * 2) as s:
        killed = 0
        while killed < KILLS and oracle.state(s.f, s.campaign) != "done":
            before = sum(r.size() for r in s.relays)
            process = shot(s.f, s.campaign, s.count)
            bench.wait_until("it sends", lambda: sum(r.size() for r in s.relays) > before
                             or process.poll() is not None)
            time.sleep(RANDOM.uniform(0.0, 0.05))  # the moment is the test
            killed += process.poll() is None
            process.kill()
            process.wait()
        s.judge(s.f.resume(s.campaign))
        doubt = [r for r in s.f.recipients(s.campaign) if r["state"] == "uncertain"]
        check("kills: no more in doubt than were on their way",
              len(doubt) <= killed * 2 * CONNECTIONS * AHEAD, len(doubt), killed)
        equal("kills: doubt knows its relay", {r["relay"] for r in doubt} - {"first", "second"},
              set())
        note(f"{killed} kills, {len(doubt)} in doubt")


def faster():
    return dict(os.environ, LD_PRELOAD=CLOCK, FAKETIME=f"+0 x{FASTER}",
                FAKETIME_DONT_RESET="1")


def comes_back():
    """Left alone for a minute, then tried again: alone with --wait, or beside another relay."""
    port = closed_port()
    with Scene("comes back", "[first]", first=port, members=20) as s:
        process = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count,
                            "--wait", "--json", "--progress", "json", env=faster(),
                            stdout=(s.folder / "said").open("w"))
        bench.wait_until("it fails", lambda: '"failing": true' in (s.folder / "said").read_text()
                         or '"failing":true' in (s.folder / "said").read_text()
                         or process.poll() is not None)
        check("comes back: it waits", process.poll() is None)
        s.relays[0] = Relay(s.folder / "late", "--port", port)
        process.wait(60 * bench.SLOWER)
        equal("comes back: all is sent in the end", (process.returncode, len(s.taken(0))), (0, 20))


def tried_again():
    """With one connection, not with all that it may have."""
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        with Scene("tried again", "[first]", first=hole.getsockname()[1], members=20,
                   more=(", max_connections: 4", "")) as s:
            said = s.folder / "said"
            process = s.f.start("campaign", "send", s.campaign, "--yes", "--expect-count", s.count,
                                "--wait", "--json", "--progress", "json", env=faster(),
                                stdout=said.open("w"))
            bench.wait_until("it fails", lambda: '"failing": true' in said.read_text()
                             or '"failing":true' in said.read_text() or process.poll() is not None)
            hole.listen(100)
            hole.settimeout(60 * bench.SLOWER)
            hole.accept()
            told = said.read_text().count("\n")
            bench.wait_until("it had time for more", lambda: said.read_text().count("\n") > told + 5
                             or process.poll() is not None)
            hole.settimeout(0)
            try:
                more = bool(hole.accept())
            except BlockingIOError:
                more = False
            check("tried again: with one connection", not more and process.poll() is None)
            process.kill()
            process.wait()


scenes = [shares, turn_by_turn, blind_copies, slow_one, reserve, reserve_rests, unreachable,
          refusals, put_off, beyond_ascii, taken_over, dies, cuts_off, never_greets, stands_still, none_left, quotas, hours, hours_and_failing, kills]
if CLOCK:
    scenes += [comes_back, tried_again]
else:
    bench.note("no libfaketime here: a relay that comes back was not tried")
os.environ["NO_SECRET"] = "canary"
bench.play(*scenes)
