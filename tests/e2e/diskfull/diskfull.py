"""No room for the database: P4. The relay's accept log against what was recorded."""
import os
import pathlib
import resource
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, Relay, check, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
DISK = WORK / "disk"
MEMBERS = 300
CONNECTIONS, AHEAD = 2, 4  # and how many may have their mark on each
KIB = 1024
# How much more may be written before it is full.
ROOMS = range(0, 1024 * KIB, 16 * KIB) if LONG else [n * KIB for n in (0, 40, 100, 200, 400)]
FAILED_STORE = 74


def verdict(what, f, relay, campaign, done, before):
    """After the failure, with room again."""
    taken = set(relay.addresses()[before:])
    check(f"{what}: exit code 74, in words", done.returncode == FAILED_STORE
          and "facteur:" in done.stderr, done.returncode, done.stdout, done.stderr)
    totals = oracle.sound(f, campaign, what)
    # It may have been full before the campaign could begin.
    prepared = oracle.state(f, campaign) == "prepared"
    done = f.send(campaign, MEMBERS) if prepared else f.resume(campaign)
    oracle.verdict(f"{what}, with room again", f, campaign, relay.addresses()[before:],
                   MEMBERS, done)
    after = f.totals(campaign)
    check(f"{what}: at most those that had their mark are uncertain",
          after["uncertain"] <= CONNECTIONS * AHEAD, after)
    note(f"{what}: {len(taken)} were taken before it was full, {totals['accepted']} recorded, "
         f"{after['uncertain']} uncertain at the end")


def no_growth(limit):
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def file_limit():
    """The database's files may not grow past a size; SIGXFSZ is ignored (as Python does)."""
    with Relay(WORK / "limit-relay") as relay:
        f = Facteur(WORK / "limit", relay.port, "max_connections: 2")
        f.members(bench.members(MEMBERS))
        for room in ROOMS[1:]:
            campaign, count = f.prepare("personal", "individual")
            before = len(relay.addresses())
            done = f.run("campaign", "send", campaign, "--yes", "--expect-count", count,
                         "--json", "--progress", "none", restore_signals=False,
                         preexec_fn=lambda: no_growth(room))
            verdict(f"files of {room // KIB} KiB at most", f, relay, campaign, done, before)


def full_disk():
    if not os.path.ismount(DISK):
        return
    with Relay(WORK / "disk-relay") as relay:
        f = Facteur(DISK / "facteur", relay.port, "max_connections: 2")
        f.members(bench.members(MEMBERS))
        filler = DISK / "filler"
        for room in ROOMS:
            campaign, count = f.prepare("personal", "individual")
            before = len(relay.addresses())
            filler.write_bytes(b"\0" * max(shutil.disk_usage(DISK).free - room, 0))
            done = f.send(campaign, count)
            filler.unlink()
            verdict(f"disk with {room // KIB} KiB left", f, relay, campaign, done, before)


bench.play(file_limit, full_disk)
