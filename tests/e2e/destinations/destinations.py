"""Destinations: who is with which provider, and what one that is slow or busy does to the rest."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
from bench import CONFIG, Facteur, Relay, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RESUMABLE = 75
SLOW_MS = 300
SLOW, FAST = 24, 160
# Refusals in a row until a provider is left alone, and what may be on its way by then: half of
# 4 connections with two messages each.
PATIENCE, ON_ITS_WAY = 5, 4


def people(start, domain, n):
    return [(f"{start}{i:04}@{domain}", f"N{i}", f"C{i}") for i in range(n)]


def at(addresses, *domains):
    return [a for a in addresses if a.split("@")[1] in domains]


def slow_provider():
    """The slow ones stand first in the list; whoever is with somebody else has been served when
    the last of them is."""
    with Relay(WORK / "slow" / "relay", "--slow", f"orange.fr@{SLOW_MS}",
               "--slow", f"wanadoo.fr@{SLOW_MS}") as relay:
        f = Facteur(WORK / "slow" / "facteur", relay.port, "max_connections: 4")
        f.members(people("a", "orange.fr", SLOW // 2) + people("b", "wanadoo.fr", SLOW // 2)
                  + people("c", "example.org", FAST // 2) + people("d", "sfr.fr", FAST // 2))
        campaign, count = f.prepare("plain", "individual")
        done = f.send(campaign, count)
        equal("slow: exit code", done.returncode, 0, done.stderr)
        order = relay.addresses()
        equal("slow: each once", sorted(order), sorted(set(order)))
        equal("slow: all", len(order), SLOW + FAST)
        last_fast = max(order.index(a) for a in at(order, "example.org", "sfr.fr"))
        slow_before = len(at(order[:last_fast], "orange.fr", "wanadoo.fr"))
        check("slow: nobody waits for the slow one", slow_before < SLOW,
              f"{slow_before} of {SLOW} slow ones were served before the last of the others")
        first = order[:20]
        check("slow: the others take turns", at(first, "example.org") and at(first, "sfr.fr"), first)


def busy(folder, n):
    """n with a provider that only says "slow down", 100 with others. The door may close at any
    moment of a claim: several sizes."""
    what = f"busy, {n}"
    with Relay(WORK / folder / "relay") as relay:
        f = Facteur(WORK / folder / "facteur", relay.port, "max_connections: 4")
        f.members(people("busy", "orange.fr", n) + people("c", "example.org", 100))
        campaign, count = f.prepare("plain", "individual")
        done = f.send(campaign, count)
        equal(f"{what}: exit code", done.returncode, RESUMABLE, done.stderr)
        totals = f.totals(campaign)
        equal(f"{what}: the others have it", totals["accepted"], 100)
        check(f"{what}: it was not asked again and again",
              min(n, PATIENCE) <= totals["deferred"] <= PATIENCE + ON_ITS_WAY, totals)
        equal(f"{what}: the rest waits, and was not tried",
              totals["pending"] + totals["deferred"], n, totals)
        check(f"{what}: sums", bench.sums_add_up(totals), totals)
        f.must("audit", "verify")


def busy_provider():
    for n in (4, 36, 150, 200, 220, 500):
        busy(f"busy{n}", n)


def limits():
    """max_messages: never more of one provider at once than it says, however many connections."""
    config = CONFIG + "destinations: {slow: {domains: [slow.example], max_messages: 1}}\n"
    with Relay(WORK / "limits" / "relay", "--slow", "slow.example@50") as relay:
        f = Facteur(WORK / "limits" / "facteur", relay.port, "max_connections: 4", config=config)
        f.members(people("s", "slow.example", 12) + people("c", "example.org", 30))
        campaign, count = f.prepare("plain", "individual")
        done = f.send(campaign, count)
        equal("limits: exit code", done.returncode, 0, done.stderr)
        order = relay.addresses()
        equal("limits: all", len(set(order)), 42)
        # One at a time: they come in the order of the list.
        equal("limits: one after the other", at(order, "slow.example"),
              sorted(at(order, "slow.example")))


bench.play(slow_provider, busy_provider, limits)
