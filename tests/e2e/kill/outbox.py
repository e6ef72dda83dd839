"""kill -9 while the relay is a Maildir, which can tell afterwards what it has: then nothing
is uncertain: outbox.py FOLDER SEED KILLS"""
import email
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = int(sys.argv[3])
KILLS_OF_ONE = 30
MEMBERS = 2000
PREPARED, DONE = 0, 3


def to_of(file):
    message = email.message_from_bytes(file.read_bytes())
    return email.utils.parseaddr(message["To"])[1]


def state(f, campaign):
    ((now,),) = oracle.ask(f, "SELECT state FROM campaign WHERE id = ?", campaign)
    return now


def kill_until_done(f, campaign, count, most):
    kills = 0
    while kills < most and state(f, campaign) != DONE:
        first = state(f, campaign) == PREPARED
        process = f.start(*(("campaign", "send", campaign, "--yes", "--expect-count", count)
                            if first else ("campaign", "resume", campaign)))
        time.sleep(RANDOM.uniform(0.0, 0.1))
        kills += process.poll() is None
        process.kill()
        process.wait()
        says, holds, total = oracle.counts(f, campaign)
        if says != holds or sum(says) != total:
            check("outbox: the sums hold", False, says, holds, total)
    return kills


def outbox():
    f = Facteur(WORK / "outbox", default="outbox")
    f.members(bench.members(MEMBERS))
    box, kills, rounds = f.folder / "outbox", 0, 0
    while kills < KILLS:
        campaign, count = f.prepare("personal", "individual", relay="outbox")
        kills += kill_until_done(f, campaign, count, min(KILLS_OF_ONE, KILLS - kills))
        first = state(f, campaign) == PREPARED
        done = f.send(campaign, count) if first else f.resume(campaign)
        mine = list((box / "new").glob(f"{campaign}.*"))
        oracle.verdict("outbox", f, campaign, map(to_of, mine), MEMBERS, done)
        equal(f"outbox, campaign {campaign}: nobody is uncertain",
              f.totals(campaign)["accepted"], MEMBERS)
        equal(f"outbox, campaign {campaign}: nothing is left in tmp/",
              list((box / "tmp").iterdir()), [])
        rounds += 1
    note(f"outbox: {kills} kills in {rounds} campaigns of {MEMBERS}")
    check("outbox: no file is open to others",
          all(file.stat().st_mode & 0o077 == 0 for file in (box / "new").iterdir()))


bench.play(outbox)
