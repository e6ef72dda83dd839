"""Kills a sending facteur again and again. The relay's accept log is the oracle: a line is
on its disk before its 250 is on its way."""
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = 60 if LONG else 10
KILLS_OF_ONE = 40  # a campaign gives room for so many; then it ends in peace
MEMBERS = 2000
BATCH = 5
UNCERTAIN = 6
QUIET = ("--json", "--progress", "none")


def first_run(campaign, count):
    return ("campaign", "send", campaign, "--yes", "--expect-count", count, *QUIET)


def next_run(campaign):
    return ("campaign", "resume", campaign, *QUIET)


def kill_at_random(f, command, longest):
    """How many were killed: 0 when it had ended by itself. The moment is the test."""
    process = f.start(*command)
    time.sleep(RANDOM.uniform(0.0, longest))
    alive = process.poll() is None
    process.kill()
    process.wait()
    return int(alive)


def uncertain_messages(f, campaign):
    """A batch in blind copy is one message, whose recipients share its number."""
    (n,), = oracle.ask(f, "SELECT count(DISTINCT batch) FROM delivery WHERE campaign_id = ? "
                       "AND state = ?", campaign, UNCERTAIN)
    return n


def one_campaign(what, f, campaign, count, kills_left, longest):
    """Kills until it is over or has had enough; how many kills."""
    kills = 0
    while kills < min(KILLS_OF_ONE, kills_left):
        state = oracle.state(f, campaign)
        if state == "done":
            break
        command = first_run(campaign, count) if state == "prepared" else next_run(campaign)
        kills += kill_at_random(f, command, longest)
        oracle.sound(f, campaign, what)
    return kills


def end_in_peace(f, campaign, count):
    if oracle.state(f, campaign) == "prepared":
        return f.send(campaign, count)
    return f.resume(campaign)


def under_kills(what, mode, template, connections, longest=0.3, window=1):
    folder = WORK / what.replace(" ", "-").replace(",", "")
    kills = uncertain = rounds = 0
    with Relay(folder / "relay", *(["--chunking"] if window > 1 else [])) as relay:
        f = Facteur(folder / "facteur", relay.port, f"max_connections: {connections}, "
                    f"recipients_per_message: {BATCH}, messages_per_connection: 0")
        f.members(bench.members(MEMBERS))
        while kills < KILLS:
            campaign, count = f.prepare(template, mode)
            before = len(relay.addresses())
            kills += one_campaign(what, f, campaign, count, KILLS - kills, longest)
            done = end_in_peace(f, campaign, count)
            oracle.verdict(what, f, campaign, relay.addresses()[before:], MEMBERS, done)
            uncertain += uncertain_messages(f, campaign)
            rounds += 1
        equal(f"{what}: nothing strange on the wire", relay.strange(), [])
    most = connections * window
    check(f"{what}: at most {most} uncertain messages for each kill",
          uncertain <= kills * most, f"{uncertain} in {kills} kills")
    note(f"{what}: {kills} kills in {rounds} campaigns of {MEMBERS}: "
         f"{uncertain} uncertain messages, {uncertain / kills:.2f} for each kill")


def one_by_one():
    under_kills("individual, 1 connection", "individual", "personal", 1)
    under_kills("individual, 3 connections", "individual", "personal", 3)


def blind_copies():
    under_kills("bcc, 1 connection", "bcc", "plain", 1)
    under_kills("bcc, 3 connections", "bcc", "plain", 3)


def in_a_window():
    """By BDAT, eight whole messages on their way on each connection."""
    under_kills("individual, window, 2 connections", "individual", "personal", 2, window=8)
    under_kills("bcc, window, 2 connections", "bcc", "plain", 2, window=8)


def in_recovery():
    """So early that many fall into the taking back of what the one before left."""
    under_kills("individual, killed early", "individual", "personal", 2, longest=0.03)


bench.play(one_by_one, blind_copies, in_a_window, in_recovery)
