"""SIGTERM and SIGINT: what is in flight is finished, nobody is uncertain. And several
senders of one campaign at once."""
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
SIGNALS = 100 if LONG else 10
TOGETHER = (8, 5) if LONG else (3, 2)  # processes, campaigns
MEMBERS = 2000
END_SECONDS = 5
RESUMABLE = 75


def begin(f, campaign, count):
    first = oracle.state(f, campaign) == "prepared"
    command = (("campaign", "send", campaign, "--yes", "--expect-count", count) if first
               else ("campaign", "resume", campaign))
    return f.start(*command, "--json", "--progress", "none", stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE, text=True)


def taken_of(relay):
    """Whom it took a message for since this was asked last."""
    return [a for m in relay.news() for a in m["rcpts"]]


def stopped():
    ends, codes, campaigns = [], [], 0
    with Relay(WORK / "signal-relay") as relay:
        f = Facteur(WORK / "signals", relay.port, "max_connections: 3")
        f.members(bench.members(MEMBERS))
        while len(ends) < SIGNALS:
            campaign, count = f.prepare("personal", "individual")
            campaigns += 1
            while len(ends) < SIGNALS and oracle.state(f, campaign) != "done":
                at, had = time.monotonic(), relay.size()
                process = begin(f, campaign, count)
                bench.wait_until("it sends", lambda: relay.size() > had
                                 or process.poll() is not None)
                time.sleep(RANDOM.uniform(0.0, 0.2))
                if process.poll() is None:
                    at = time.monotonic()
                    process.send_signal(RANDOM.choice((signal.SIGTERM, signal.SIGINT)))
                    process.wait(60)
                    ends.append(time.monotonic() - at)
                    codes.append(process.returncode)
                process.communicate()
            done = f.resume(campaign)
            oracle.verdict("signals", f, campaign, taken_of(relay), MEMBERS, done)
            equal(f"signals, campaign {campaign}: nobody is uncertain",
                  f.totals(campaign)["uncertain"], 0)
    # One that was just about to end may end in peace.
    check("signals: exit code 75", set(codes) <= {RESUMABLE, 0} and codes.count(0) <= campaigns,
          codes)
    check(f"signals: it ends within {END_SECONDS} s", max(ends) <= END_SECONDS * bench.SLOWER,
          ends)
    note(f"signals: {len(ends)} of them, the slowest end took {max(ends):.2f} s")


def together():
    processes, campaigns = TOGETHER
    with Relay(WORK / "together-relay") as relay:
        f = Facteur(WORK / "together", relay.port, f"max_connections: {processes}")
        f.members(bench.members(MEMBERS))
        for _ in range(campaigns):
            campaign, count = f.prepare("personal", "individual")
            before = relay.size()
            first = begin(f, campaign, count)
            bench.wait_until("it sends", lambda: relay.size() > before)
            all_of_them = [first] + [begin(f, campaign, count) for _ in range(processes - 1)]
            said = [process.communicate(timeout=120)[1] for process in all_of_them]
            codes = [process.returncode for process in all_of_them]
            check(f"{processes} senders, campaign {campaign}: each ends well",
                  set(codes) <= {0, RESUMABLE} and 0 in codes, codes, *said)
            done = f.resume(campaign)
            oracle.verdict(f"{processes} senders", f, campaign, taken_of(relay),
                           MEMBERS, done)
            equal(f"{processes} senders, campaign {campaign}: nobody is uncertain",
                  f.totals(campaign)["uncertain"], 0)
            note(f"{len({m['session'] for m in relay.accepted()})} connections carried mail")


def one_of_two():
    """The one that began is stopped: the other, who came later, goes on to the end."""
    with Relay(WORK / "two-relay") as relay:
        f = Facteur(WORK / "two", relay.port, "max_connections: 2")
        f.members(bench.members(MEMBERS))
        campaign, count = f.prepare("personal", "individual")
        sessions = lambda: len({m["session"] for m in relay.accepted()})  # noqa: E731
        first = begin(f, campaign, count)
        bench.wait_until("one sends", lambda: sessions() > 0)
        second = begin(f, campaign, count)
        bench.wait_until("both send", lambda: sessions() > 2)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=60)
        said = second.communicate(timeout=120)[1]
        equal("one of two is stopped: exit codes", (first.returncode, second.returncode),
              (RESUMABLE, 0), said)
        done = f.resume(campaign)
        oracle.verdict("one of two", f, campaign, relay.addresses(), MEMBERS, done)


bench.play(stopped, one_of_two, together)
