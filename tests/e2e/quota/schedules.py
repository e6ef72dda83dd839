"""Quotas at random: small windows, one to three processes on one or two campaigns, a relay that
takes its time; processes are killed, stopped and started anew, the wall clock jumps by hours and
years, the time zone changes its season. What the relay accepted is judged by judge.py.

schedules.py FOLDER SEED [COUNT [SECONDS [PARALLEL]]]"""
import asyncio
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import judge  # noqa: E402
import oracle  # noqa: E402
from relay import Relay  # noqa: E402
from bench import FACTEUR, LONG, Facteur, check, note  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
SEED = int(sys.argv[2])
COUNT, SECONDS, PARALLEL = (list(map(int, sys.argv[3:])) + [200, 12, 8][len(sys.argv) - 3:]
                            if LONG or len(sys.argv) > 3 else [8, 9, 8])
MEMBERS = 600
# Of what the quotas allow: undisturbed, and where processes are struck every few seconds. A
# small sample on a busy machine proves little more than that nothing is lost on purpose.
QUIET, STRUCK = (0.95, 0.9) if LONG else (0.9, 0.8)
SECOND = 10**9
DOUBT = 1  # seconds: timeouts.end_of_data of these relays
FAKETIME = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
JUMPS = ("+1h", "-1h", "+10y", "-10y", "+0", "+2m", "-59s")
# A night of each change of the clocks, both ways, in seconds from now.
ZONES = ("Europe/Paris", "Pacific/Noumea", "America/New_York", "UTC")
NIGHTS = ("@2026-03-29 01:59:55", "@2026-10-25 00:59:55", "@2027-03-28 00:59:58")


class Plan:
    """What a seed stands for."""

    def __init__(self, number):
        self.random = pick = random.Random(SEED * 100003 + number)
        self.name = f"{number:03d}"
        windows = [(pick.randint(2, 20), 1)] if pick.random() < 0.6 else []
        if not windows or pick.random() < 0.6:
            seconds = pick.choice((2, 3, 5))
            windows.append((pick.randint(2 * seconds, 10 * seconds), seconds))
        self.windows = windows
        self.batch = pick.choice((1, 1, 1, 2, 3))
        self.slowest = pick.choice((0, 0, 0.004, 0.02, 0.3))
        self.processes = pick.choice((1, 2, 2, 2, 3))
        self.campaigns = pick.choice((1, 2))
        # Enough of them, for a slow relay: it is the quota that is to be the limit.
        self.connections = 6 if self.slowest > 0.1 else self.processes * pick.choice((1, 2))
        # How often a process is struck in that time; every fourth schedule is a quiet one.
        self.strikes = 0 if number % 4 == 0 else pick.choice((1, 2, 4))
        self.jumps = 0 if number % 4 == 0 else pick.choice((0, 2, 6))

    def __str__(self):
        rate = ", ".join(f"{n}/{s}s" for n, s in self.windows)
        return (f"schedule {self.name}: {rate}, {self.processes} processes on {self.campaigns} "
                f"campaigns, {self.batch} a message, relay of {self.slowest * 1000:.0f} ms, "
                f"{self.strikes} strikes, {self.jumps} jumps")

    def relay_settings(self):
        rate = ", ".join(f"{n}/{s}s" for n, s in self.windows)
        return (f"rate: [{rate}], max_connections: {self.connections}, "
                f"recipients_per_message: {self.batch}, timeouts: {{end_of_data: {DOUBT}s}}")


class Sender:
    """A process that sends a campaign, again and again started anew."""

    def __init__(self, plan, folder, number, campaign):
        self.plan, self.folder, self.campaign = plan, folder, campaign
        self.clock = folder / f"clock{number}"
        self.log = folder / f"said{number}"
        self.process = None
        self.set_clock("+0")

    def set_clock(self, text):
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(text + "\n")
        fresh.rename(self.clock)

    def environment(self):
        more = {"TZ": self.plan.random.choice(ZONES)}
        if self.plan.jumps > 0 and FAKETIME is not None:
            more |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                     "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1",
                     "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                     "ASAN_OPTIONS": "verify_asan_link_order=0"}
        return os.environ | more

    async def start(self):
        out = self.log.open("ab")
        self.process = await asyncio.create_subprocess_exec(
            FACTEUR, "campaign", "resume", str(self.campaign), "--json", "--progress", "none",
            cwd=self.folder, env=self.environment(), stdin=subprocess.DEVNULL, stdout=out,
            stderr=out)
        out.close()

    async def end(self, how):
        if self.process.returncode is None:
            self.process.send_signal(how)
        await self.process.wait()

    async def strike(self):
        how = self.plan.random.choice((signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP))
        if how == signal.SIGSTOP:
            if self.process.returncode is None:
                self.process.send_signal(how)
                await asyncio.sleep(self.plan.random.uniform(0, 1))
                self.process.send_signal(signal.SIGCONT)
            return
        await self.end(how)
        await asyncio.sleep(self.plan.random.choice((0, 0, 0.3)))
        await self.start()

    def jump(self):
        self.set_clock(self.plan.random.choice(JUMPS + NIGHTS))


async def disturb(plan, senders):
    """Strikes and jumps, spread over the time there is."""
    pick = plan.random
    moments = sorted([(pick.uniform(0.3, SECONDS - 1), "strike") for _ in range(plan.strikes)] +
                     [(pick.uniform(0.3, SECONDS - 1), "jump") for _ in range(plan.jumps)])
    begin = time.monotonic()
    for at, what in moments:
        await asyncio.sleep(max(0, begin + at - time.monotonic()))
        sender = pick.choice(senders)
        if what == "jump":
            sender.jump()
        else:
            await sender.strike()
    await asyncio.sleep(max(0, begin + SECONDS - time.monotonic()))


async def play(plan, model, campaigns):
    """(plan, exceeded, (needed, taken), accepted, what they said)"""
    folder = WORK / plan.name
    shutil.copytree(model, folder)
    relay = Relay(folder / "accepted.ndjson", plan.random, plan.slowest)
    port = await relay.listen()
    Facteur.configure(type("", (), {"folder": folder})(), port, plan.relay_settings())
    mine = campaigns["bcc" if plan.batch > 1 else "individual"]
    senders = [Sender(plan, folder, i, mine[i % plan.campaigns]) for i in range(plan.processes)]
    for sender in senders:
        await sender.start()
    try:
        await disturb(plan, senders)
    finally:
        for sender in senders:
            await sender.end(signal.SIGKILL)
    await asyncio.sleep(plan.slowest)
    await relay.close()
    accepted = [m[:3] for m in relay.accepted]
    exceeded = [(f"{n}/{s}s", *found) for n, s in plan.windows
                for found in judge.exceeded([m[:2] for m in accepted], n, s * SECOND)]
    used = judge.use(accepted, [(n, s * SECOND) for n, s in plan.windows])
    said = "".join(sender.log.read_text() for sender in senders)
    return plan, exceeded, used, sum(m[1] for m in accepted), said


def prepare():
    """A folder to copy: a list, and two campaigns of each kind that were begun, to a port where
    nobody listens, and paused."""
    f = Facteur(WORK / "model", 9)
    f.members([(f"m{i}@example.org", f"Ana{i}", i) for i in range(MEMBERS)])
    campaigns, begun = {}, []
    for mode, template in (("individual", "personal"), ("bcc", "plain")):
        campaigns[mode] = [f.prepare(template, mode)[0] for _ in range(2)]
    for campaign in sum(campaigns.values(), []):
        begun.append((campaign, f.start("campaign", "send", campaign, "--yes", "--expect-count",
                                        MEMBERS, "--progress", "none")))
    for campaign, process in begun:
        bench.wait_until("it begins", lambda c=campaign: oracle.state(f, c) == "sending")
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    return f.folder, campaigns


async def all_of_them():
    model, campaigns = prepare()
    gate = asyncio.Semaphore(PARALLEL)

    async def one(number):
        async with gate:
            return await play(Plan(number), model, campaigns)
    return await asyncio.gather(*(one(i) for i in range(COUNT)))


def share(used):
    return used[0] / used[1] if used[1] else 0


def main():
    if FAKETIME is None:
        return print("skip - quotas at random: no libfaketime here (package faketime)")
    began = time.monotonic()
    results = asyncio.run(all_of_them())
    bad, quiet, struck = [], [0, 0], [0, 0]
    for plan, exceeded, used, total, said in results:
        sums = struck if plan.strikes else quiet
        sums[:] = sums[0] + used[0], sums[1] + used[1]
        bad += [(str(plan), x) for x in exceeded]
        if os.environ.get("TELL") or exceeded:
            note(f"{plan}: {total} accepted, {share(used):.3f}")
        check(f"schedule {plan.name} sends", total > 0, plan, said)
    note(f"{COUNT} schedules in {time.monotonic() - began:.0f} s, "
         f"{sum(r[3] for r in results)} recipients accepted; of what the quotas allow: "
         f"{share(quiet):.3f} in quiet ones, {share(struck):.3f} in the others")
    check("no window of any length holds more than its quota", not bad, *bad)
    check(f"quiet schedules use {QUIET:.0%} of their quotas", share(quiet) >= QUIET)
    check(f"the others {STRUCK:.0%}", share(struck) >= STRUCK)
    return None


bench.play(main)
