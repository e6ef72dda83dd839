"""Quotas, one thing at a time: scenes.py FOLDER"""
import asyncio
import json
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import judge  # noqa: E402
import oracle  # noqa: E402
from relay import Relay  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
HOURLY = 3
SECOND = 10**9


def members(n, name="m"):
    return [(f"{name}{i}@example.org", f"Ana{i}", i) for i in range(n)]


def used_up():
    """Who is the last one that the quota lets go does not wait an hour for nobody; the next
    campaign, in another process, finds the quota used."""
    f = Facteur(WORK / "hour", default="outbox", config=bench.CONFIG.replace(
        "path: outbox}", f"path: outbox, rate: [{HOURLY}/h]}}"))
    f.members(members(HOURLY))
    campaign, count = f.prepare("personal", "individual", relay="outbox")
    done = f.send(campaign, count, seconds=10)
    equal("the last one the quota lets go ends the campaign", done.returncode, 0, done.stderr)
    campaign, count = f.prepare("plain", "individual", relay="outbox")
    late = f.start("campaign", "send", campaign, "--yes", "--expect-count", count, "--json",
                   "--progress", "none", stdout=subprocess.PIPE, text=True)
    bench.wait_until("it begins", lambda: oracle.state(f, campaign) == "sending")
    # Longer than it takes to look at the quota once more.
    try:
        late.wait(0.6)
    except subprocess.TimeoutExpired:
        pass
    late.send_signal(signal.SIGTERM)
    out = late.communicate(timeout=20)[0]
    equal("another campaign waits for the hour to pass",
          (late.returncode, json.loads(out.splitlines()[-1])["accepted"]), (75, 0), out)


def per_sender(f):
    """How many each sender had accepted."""
    with sqlite3.connect(f.folder / "facteur.db") as db:
        rows = db.execute("SELECT data FROM event WHERE kind = 'delivery.accepted'").fetchall()
    counts = {}
    for (data,) in rows:
        sender = json.loads(data)["sender"]
        counts[sender] = counts.get(sender, 0) + 1
    return counts


async def two_share():
    """Two processes, and slots that come one at a time: neither takes them all."""
    relay = Relay(WORK / "two.ndjson", random.Random(1), 0.002)
    f = Facteur(WORK / "two", await relay.listen(), "rate: [3/s]")
    f.members(members(18))
    campaign, count = f.prepare("personal", "individual")
    first = await asyncio.create_subprocess_exec(
        *f.command("campaign", "send", campaign, "--yes", "--expect-count", count, "-q"),
        cwd=f.folder)
    while not relay.accepted:
        await asyncio.sleep(0.01)
    second = await asyncio.create_subprocess_exec(
        *f.command("campaign", "resume", campaign, "-q"), cwd=f.folder)
    codes = await first.wait(), await second.wait()
    await relay.close()
    equal("two that share a quota end well", codes, (0, 0))
    equal("and nobody is sent to twice", len({a for m in relay.accepted for a in m[3]}), 18)
    equal("nor too early", judge.exceeded([m[:2] for m in relay.accepted], 3, SECOND), [])
    counts = per_sender(f)
    check("each has its part", len(counts) == 2 and min(counts.values()) >= 5, counts)


async def killed():
    """It dies while the relay thinks: what the relay accepts after that has its slot, too."""
    relay = Relay(WORK / "killed.ndjson", random.Random(1), 0, first=0.9)
    f = Facteur(WORK / "killed", await relay.listen(),
                "max_connections: 1, rate: [1/s], timeouts: {end_of_data: 1s}")
    f.members(members(3))
    campaign, count = f.prepare("personal", "individual")
    first = await asyncio.create_subprocess_exec(
        *f.command("campaign", "send", campaign, "--yes", "--expect-count", count, "-q"),
        cwd=f.folder)
    while relay.came == 0:
        await asyncio.sleep(0.005)
    first.kill()
    await first.wait()
    second = await asyncio.create_subprocess_exec(
        *f.command("campaign", "resume", campaign, "-q"), cwd=f.folder)
    await second.wait()
    await relay.close()
    equal("the relay accepts all in the end", sum(m[1] for m in relay.accepted), 3)
    equal("what a killed process had sent keeps its slot",
          judge.exceeded([m[:2] for m in relay.accepted], 1, SECOND), [])


async def connections():
    """Two processes have no more connections than one would have, and both have some."""
    relay = Relay(WORK / "connections.ndjson", random.Random(1), 0.04)
    f = Facteur(WORK / "connections", await relay.listen(), "max_connections: 2")
    f.members(members(240))
    campaign, count = f.prepare("personal", "individual")
    first = await asyncio.create_subprocess_exec(
        *f.command("campaign", "send", campaign, "--yes", "--expect-count", count, "-q"),
        cwd=f.folder)
    while len(relay.accepted) < 5:
        await asyncio.sleep(0.01)
    other, count = f.prepare("plain", "individual")
    second = await asyncio.create_subprocess_exec(
        *f.command("campaign", "send", other, "--yes", "--expect-count", count, "-q"),
        cwd=f.folder)
    codes = await first.wait(), await second.wait()
    await relay.close()
    equal("two campaigns at once end well",
          (codes, sum(m[1] for m in relay.accepted)), ((0, 0), 480))
    equal("and never have more connections than the relay bears", relay.peak, 2)
    check("though both have some at the same time", relay.sessions >= 4, relay.sessions)


async def sessions_of(name, more):
    relay = Relay(WORK / f"{name}.ndjson", random.Random(1), 0)
    f = Facteur(WORK / name, await relay.listen(), f"max_connections: 1, rate: [4/1s]{more}")
    f.members(members(9))
    campaign, count = f.prepare("personal", "individual")
    process = await asyncio.create_subprocess_exec(
        *f.command("campaign", "send", campaign, "--yes", "--expect-count", count, "-q"),
        cwd=f.folder)
    code = await process.wait()
    await relay.close()
    return code, sum(m[1] for m in relay.accepted), relay.sessions


async def lifetime():
    """A connection that has had its time is closed in peace, and made anew when needed."""
    equal("without a limit one connection carries all", await sessions_of("old", ""), (0, 9, 1))
    equal("with one, each burst has its own",
          await sessions_of("young", ", connection_lifetime: 500ms"), (0, 9, 3))


def scene(play):
    def run():
        asyncio.run(play())
    run.__name__ = play.__name__
    return run


bench.play(used_up, scene(two_share), scene(killed), scene(connections),
           scene(lifetime))
