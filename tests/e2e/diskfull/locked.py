"""Another process holds the database's lock in the middle of a campaign: nothing is completed
meanwhile (P4); a short wait is survived, a long one ends with 75 and a resume does the rest."""
import pathlib
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, Relay, check, equal, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
MEMBERS = 2000
CONNECTIONS, AHEAD = 2, 4  # and how many may have their mark on each
SHORT, TOO_LONG = 3, 60  # seconds; facteur waits for half a minute
RESUMABLE = 75


def hold(f, relay, seconds):
    """Holds the lock; how many messages were taken in its first and its last moments."""
    db = sqlite3.connect(f.folder / oracle.DATABASE, timeout=20, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    end = time.monotonic() + seconds
    time.sleep(1)  # what had its mark before may be on its way
    early = len(relay.accepted())
    time.sleep(end - time.monotonic())
    late = len(relay.accepted())
    db.execute("ROLLBACK")
    db.close()
    return early, late


def locked_for(seconds):
    what = f"locked for {seconds} s"
    with Relay(WORK / f"locked-{seconds}" / "relay", "--brief") as relay:
        f = Facteur(WORK / f"locked-{seconds}" / "facteur", relay.port,
                    f"max_connections: {CONNECTIONS}")
        f.members(bench.members(MEMBERS))
        campaign, count = f.prepare("personal", "individual")
        process = f.start("campaign", "send", campaign, "--yes", "--expect-count", count,
                          "--json", "--progress", "none")
        bench.wait_until("it sends", lambda: relay.size() > 0)
        early, late = hold(f, relay, seconds)
        equal(f"{what}: nothing is completed meanwhile", late, early)
        check(f"{what}: not all was sent before", 0 < late < MEMBERS, late)
        process.wait(60 * bench.SLOWER)
        oracle.sound(f, campaign, what)
        note(f"{what}: exit code {process.returncode}")
        if seconds == TOO_LONG:
            equal(f"{what}: it ends, to be resumed", process.returncode, RESUMABLE)
        done = f.resume(campaign)
        oracle.verdict(what, f, campaign, relay.addresses(), MEMBERS, done)
        uncertain = f.totals(campaign)["uncertain"]
        check(f"{what}: at most those that had their mark are uncertain",
              uncertain <= CONNECTIONS * AHEAD, uncertain)


def locked():
    locked_for(SHORT)
    if LONG:
        locked_for(TOO_LONG)


bench.play(locked)
