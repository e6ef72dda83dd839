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
PENDING, CLAIMED = 0, 1  # states of who has no mark
RESUMABLE = 75


def hold(f, campaign, relay, seconds):
    """Holds the lock; whom the relay took by the end, and who had a mark when it began."""
    db = sqlite3.connect(f.folder / oracle.DATABASE, timeout=20, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    marked = db.execute("SELECT c.address FROM delivery d JOIN contact c ON c.id = d.contact_id"
                        " WHERE d.campaign_id = ? AND d.state NOT IN (?, ?)",
                        (campaign, PENDING, CLAIMED))
    marked = {address for (address,) in marked}
    time.sleep(seconds)
    taken = set(relay.addresses())
    db.execute("ROLLBACK")
    db.close()
    return taken, marked


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
        taken, marked = hold(f, campaign, relay, seconds)
        equal(f"{what}: whatever is completed had its mark before", taken - marked, set())
        check(f"{what}: not all was sent before", 0 < len(taken) < MEMBERS, len(taken))
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
