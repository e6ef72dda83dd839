"""Kills a sending facteur again and again. The relay's accept log is the oracle: a line is
on its disk before its 250 is on its way.

kills.py FOLDER SEED KILLS [KIND]"""
import pathlib
import random
import statistics
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = int(sys.argv[3])
ONLY = "".join(sys.argv[4:])
MEMBERS = 2000
KILLS_OF_ONE = 60  # a campaign gives room for so many; then it ends in peace
BATCH = 5
LONGEST = 0.05  # from the first message taken to the kill
BEGINS = 5
EARLY = 2.0     # from the start of the process, in times of what it takes to begin to send
PREPARED, DONE, UNCERTAIN = 0, 3, 6
QUIET = ("--json", "--progress", "none")
WINDOW = 8  # messages in flight on a connection, by BDAT
AHEAD = 4   # by DATA, where no quota sets the pace
QUOTA = ", rate: [1000000/s]"  # then one
# Connections, mode, template, senders at once, messages in flight on each, share of the kills.
KINDS = {
    "individual, 1 connection": (1, "individual", "personal", 1, AHEAD, 0.12),
    "individual, 3 connections": (3, "individual", "personal", 1, AHEAD, 0.12),
    "individual, quota, 2 connections": (2, "individual", "personal", 1, 1, 0.1),
    "bcc, quota, 2 connections": (2, "bcc", "plain", 1, 1, 0.08),
    "bcc, 3 connections": (3, "bcc", "plain", 1, AHEAD, 0.1),
    "individual, window, 2 connections": (2, "individual", "personal", 1, WINDOW, 0.1),
    "bcc, window, 2 connections": (2, "bcc", "plain", 1, WINDOW, 0.06),
    "killed early": (2, "individual", "personal", 1, AHEAD, 0.12),
    "3 senders": (1, "individual", "personal", 3, AHEAD, 0.2),
}


begins = []  # how long it took to send the first message


def state(f, campaign):
    ((now,),) = oracle.ask(f, "SELECT state FROM campaign WHERE id = ?", campaign)
    return now


def command(f, campaign, count):
    if state(f, campaign) == PREPARED:
        return ("campaign", "send", campaign, "--yes", "--expect-count", count, *QUIET)
    return ("campaign", "resume", campaign, *QUIET)


def kill_one(f, relay, campaign, count, early, chance):
    """How many were killed: 0 when it had ended by itself. The moment is the test."""
    what, at = command(f, campaign, count), time.monotonic()
    before, process = relay.size(), f.start(*what)
    if early and len(begins) >= BEGINS:
        time.sleep(chance.uniform(0.0, EARLY * statistics.median(begins)))
    else:
        bench.wait_until("it sends", lambda: relay.size() > before or process.poll() is not None)
        begins.append(time.monotonic() - at)
        time.sleep(chance.uniform(0.0, LONGEST))
    alive = process.poll() is None
    process.kill()
    process.wait()
    return int(alive)


def uncertain_messages(f, campaign):
    """A batch in blind copy is one message, whose recipients share its number."""
    ((n,),) = oracle.ask(f, "SELECT count(DISTINCT batch) FROM delivery WHERE campaign_id = ? "
                         "AND state = ?", campaign, UNCERTAIN)
    return n


def one_campaign(what, f, relay, campaign, count, kills_left, senders):
    """Kills until it is over or has had enough; how many kills."""
    most, kills, lock = min(KILLS_OF_ONE, kills_left), 0, threading.Lock()

    def lane(seed):
        nonlocal kills
        chance = random.Random(seed)
        while kills < most and state(f, campaign) != DONE:
            killed = kill_one(f, relay, campaign, count, what == "killed early", chance)
            says, holds, total = oracle.counts(f, campaign)
            with lock:
                kills += killed
            if senders == 1 and (says != holds or sum(says) != total):
                check(f"{what}: the sums hold", False, says, holds, total)

    lanes = [threading.Thread(target=lane, args=(RANDOM.random(),)) for _ in range(senders)]
    for thread in lanes:
        thread.start()
    for thread in lanes:
        thread.join()
    return kills


def under_kills(what):
    connections, mode, template, senders, window, share = KINDS[what]
    folder = WORK / what.replace(" ", "-").replace(",", "")
    kills = uncertain = rounds = 0
    wanted, at = round(KILLS * share), time.monotonic()
    server = ("--brief", "--chunking") if window == WINDOW else ("--brief",)
    with Relay(folder / "relay", *server) as relay:
        f = Facteur(folder / "facteur", relay.port, f"max_connections: {connections}, "
                    f"recipients_per_message: {BATCH}, messages_per_connection: 0"
                    + (QUOTA if window == 1 else ""))
        f.members(bench.members(MEMBERS))
        while kills < wanted:
            campaign, count = f.prepare(template, mode)
            kills += one_campaign(what, f, relay, campaign, count, wanted - kills, senders)
            done = f.run(*command(f, campaign, count))
            taken = [a for m in relay.news() for a in m["rcpts"]]
            oracle.verdict(what, f, campaign, taken, MEMBERS, done)
            uncertain += uncertain_messages(f, campaign)
            rounds += 1
        equal(f"{what}: nothing strange on the wire", relay.strange(), [])
    most = connections * window
    check(f"{what}: at most {most} uncertain messages for each kill",
          uncertain <= kills * most, f"{uncertain} in {kills} kills")
    note(f"{what}: {kills} kills in {rounds} campaigns of {MEMBERS}: {uncertain} uncertain "
         f"messages, {uncertain / kills:.2f} for each kill; {time.monotonic() - at:.0f} s")


def all_kinds():
    for what in KINDS:
        if ONLY in ("", what):
            under_kills(what)


bench.play(all_kinds)
