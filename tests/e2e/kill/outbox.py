"""kill -9 while the relay is a Maildir, which can tell afterwards what it has: then nothing
is uncertain."""
import email
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
KILLS = 60 if LONG else 10
MEMBERS = 2000


def to_of(file):
    message = email.message_from_bytes(file.read_bytes())
    return email.utils.parseaddr(message["To"])[1]


def kill_until_done(f, campaign, count):
    kills = 0
    while kills < KILLS and oracle.state(f, campaign) != "done":
        first = oracle.state(f, campaign) == "prepared"
        process = f.start(*(("campaign", "send", campaign, "--yes", "--expect-count", count)
                            if first else ("campaign", "resume", campaign)))
        time.sleep(RANDOM.uniform(0.0, 0.1))
        kills += process.poll() is None
        process.kill()
        process.wait()
        oracle.sound(f, campaign, "outbox")
    return kills


def outbox():
    f = Facteur(WORK / "outbox", default="outbox")
    f.members(bench.members(MEMBERS))
    box, kills, rounds = f.folder / "outbox", 0, 0
    while kills < KILLS:
        campaign, count = f.prepare("personal", "individual", relay="outbox")
        kills += kill_until_done(f, campaign, count)
        first = oracle.state(f, campaign) == "prepared"
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
