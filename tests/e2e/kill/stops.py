"""kill -STOP for longer than the lease: the others take over what the stopped one held; when
it wakes it does no harm. The clock of all of them comes from a file (libfaketime), so that the
lease passes in a moment.

stops.py FOLDER SEED STOPS LIBFAKETIME"""
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
STOPS = int(sys.argv[3])
LIBRARY = sys.argv[4]
MEMBERS = 600
CONNECTIONS = 2
AHEAD = 4  # messages with a mark on one connection
LEASE = 120  # seconds: SENDER_LEASE_MS
LONGEST = 0.05
CLEAN = (0, 3, 75)
PREPARED, DONE = 0, 3
CLAIMED, COMMITTED = 1, 2


class Clock:
    """What the processes that were started with .env take for the time."""

    def __init__(self, file):
        self.file, self.seconds = file, 0
        self.env = dict(os.environ, LD_PRELOAD=LIBRARY, FAKETIME_TIMESTAMP_FILE=str(file),
                        FAKETIME_NO_CACHE="1")
        self.leap(0)

    def leap(self, seconds):
        self.seconds += seconds
        fresh = self.file.with_suffix(".new")
        fresh.write_text(f"+{self.seconds}s\n")
        fresh.rename(self.file)


class Stopping:
    def __init__(self, name, more=""):
        folder = WORK / name.replace(" ", "-")
        self.relay = Relay(folder / "relay", "--brief")
        self.f = Facteur(folder / "facteur", self.relay.port, f"max_connections: {CONNECTIONS}" + more)
        self.f.members(bench.members(MEMBERS))
        self.clock = Clock(folder / "clock")

    def prepare(self):
        self.campaign, self.count = self.f.prepare("personal", "individual")

    def start(self):
        ((now,),) = oracle.ask(self.f, "SELECT state FROM campaign WHERE id = ?", self.campaign)
        command = (("campaign", "send", self.campaign, "--yes", "--expect-count", self.count)
                   if now == PREPARED else ("campaign", "resume", self.campaign))
        before = self.relay.size()
        process = self.f.start(*command, "--json", "--progress", "none", env=self.clock.env,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        bench.wait_until("it sends", lambda: self.relay.size() > before
                         or process.poll() is not None)
        return process

    def locked(self):
        db = sqlite3.connect(self.f.folder / oracle.DATABASE, timeout=0, isolation_level=None)
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return True
        finally:
            db.close()
        return False

    def stop(self, process):
        """Stops it at a random moment, but not with the database's lock in hand: then nobody
        can write, and the others end with 75. False when it had ended."""
        while True:
            time.sleep(RANDOM.uniform(0.0, LONGEST))
            process.send_signal(signal.SIGSTOP)
            bench.wait_until("it stops", lambda: self.stopped(process))
            if process.poll() is not None:
                return False
            if not self.locked():
                return True
            process.send_signal(signal.SIGCONT)

    @staticmethod
    def stopped(process):
        if process.poll() is not None:
            return True
        stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] == "T"

    def held(self):
        _, holds, _ = oracle.counts(self.f, self.campaign)
        return holds[CLAIMED] + holds[COMMITTED]

    def verdict(self, what, ended):
        """ended: the processes, over by now, with what they said."""
        codes = [process.returncode for process in ended]
        check(f"{what}: each ends well", set(codes) <= set(CLEAN), codes,
              *[process.said for process in ended])
        done = self.f.resume(self.campaign, env=self.clock.env)
        taken = [a for m in self.relay.news() for a in m["rcpts"]]
        oracle.verdict(what, self.f, self.campaign, taken, MEMBERS, done)
        uncertain = self.f.totals(self.campaign)["uncertain"]
        check(f"{what}: at most the messages that had their mark are uncertain",
              uncertain <= CONNECTIONS * AHEAD, uncertain)
        return uncertain


def end(*processes):
    for process in processes:
        process.said = process.communicate(timeout=120 * bench.SLOWER)


def slept_through():
    """The others finish while it is stopped; then it wakes."""
    s, uncertain, held = Stopping("slept"), 0, 0
    for _ in range(STOPS):
        s.prepare()
        first = s.start()
        others = [s.start(), s.start()]
        stopped = s.stop(first)
        held += s.held() > 0 and stopped
        s.clock.leap(LEASE + 10)
        end(*others)
        ((now,),) = oracle.ask(s.f, "SELECT state FROM campaign WHERE id = ?", s.campaign)
        what = f"slept through, campaign {s.campaign}"
        equal(f"{what}: the others have finished it", (now, s.held()), (DONE, 0),
              *[(p.returncode, p.said) for p in others])
        first.send_signal(signal.SIGCONT)
        end(first)
        uncertain += s.verdict(what, [first, *others])
    s.relay.__exit__()
    note(f"stopped for longer than the lease: {STOPS} times, {held} held something, "
         f"{uncertain} uncertain")


def wakes_among_others(name, more):
    """It is taken over when the next one begins, and wakes while that one sends."""
    s, uncertain = Stopping(name, more), 0
    for _ in range(STOPS):
        s.prepare()
        first = s.start()
        s.stop(first)
        s.clock.leap(LEASE + 10)
        second = s.start()
        first.send_signal(signal.SIGCONT)
        end(first, second)
        uncertain += s.verdict(f"wakes {name} others, campaign {s.campaign}", [first, second])
    s.relay.__exit__()
    note(f"taken over, wakes {name} others: {STOPS} times, {uncertain} uncertain")


def wakes():
    wakes_among_others("among", "")


def wakes_and_counts():
    wakes_among_others("among and counting with", ", rate: [2000/s, 1000000/h]")


bench.play(slept_through, wakes, wakes_and_counts, at_once=3)
