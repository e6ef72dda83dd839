"""One fault in the middle of a campaign, for each phase of the dialogue: the verdict is by
the phase (before the mark: again; after it without a reply: uncertain; a reply: final)."""
import pathlib
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, Relay, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
MEMBERS = 60
FEW = 4  # who get the big message
BATCH = 10
RESUMABLE, PARTLY, UNREACHABLE = 75, 3, 69

# fault, mode, exit code, states but "accepted", how many the relay has taken at the end
CASES = (
    ("mail-421@5", "individual", 0, {}, MEMBERS),
    ("mail-421@3", "bcc", 0, {}, MEMBERS),
    ("rcpt-421@7", "individual", 0, {}, MEMBERS),
    ("rcpt-421@13", "bcc", 0, {}, MEMBERS),
    ("data-421@6", "individual", 0, {}, MEMBERS),
    ("data-421@2", "bcc", 0, {}, MEMBERS),
    ("mail-cut@5", "individual", 0, {}, MEMBERS),
    ("data-cut@5", "individual", 0, {}, MEMBERS),
    ("data-cut@3", "bcc", 0, {}, MEMBERS),
    ("content-cut@2", "big", 0, {}, FEW),
    ("end-cut@5", "individual", PARTLY, {"uncertain": 1}, MEMBERS),
    ("end-cut@3", "bcc", PARTLY, {"uncertain": BATCH}, MEMBERS),
    ("end-421@5", "individual", RESUMABLE, {"deferred": 1}, MEMBERS - 1),
    ("end-421@3", "bcc", RESUMABLE, {"deferred": BATCH}, MEMBERS - BATCH),
    ("end-554@5", "individual", PARTLY, {"refused": 1}, MEMBERS - 1),
    ("end-554@3", "bcc", PARTLY, {"refused": BATCH}, MEMBERS - BATCH),
    ("end-451@5", "individual", RESUMABLE, {"deferred": 1}, MEMBERS - 1),
    ("data-554@5", "individual", PARTLY, {"refused": 1}, MEMBERS - 1),
    ("data-451@5", "individual", RESUMABLE, {"deferred": 1}, MEMBERS - 1),
    ("mail-451@5", "individual", RESUMABLE, {"deferred": 1}, MEMBERS - 1),
)
# Longer than all that sockets hold (9 MB): it is cut before its end was written.
BIG = "---\nsubject: Long\nlanguage: en\n---\n" + "{{organisation}}\n\n" * 1200
LONG_NAME = bench.CONFIG.replace("organisation: Association Exemple",
                                 "organisation: " + "A long name " * 300)


def set_up(folder, relay, connections=1, config=None):
    f = Facteur(folder / "facteur", relay.port, f"max_connections: {connections}, "
                f"recipients_per_message: {BATCH}", config=config)
    f.members(bench.members(MEMBERS))
    (f.folder / "big.md").write_text(BIG)
    f.must("template", "add", "big", "big.md")
    return f


def one_fault(fault, mode, code, others, taken, pipelining):
    what = f"{fault}, {mode}{'' if pipelining else ', no pipelining'}"
    folder = WORK / what.replace(" ", "").replace(",", "-")
    options = ["--fault", fault] + ([] if pipelining else ["--no-pipelining"])
    with Relay(folder / "relay", *options) as relay:
        f = set_up(folder, relay, config=LONG_NAME if mode == "big" else None)
        template, how = {"individual": ("personal", mode), "bcc": ("plain", mode),
                         "big": ("big", "individual")}[mode]
        limit = ("--limit", FEW) if mode == "big" else ()
        campaign, count = f.prepare(template, how, *limit)
        done = f.send(campaign, count)
        totals, had = f.totals(campaign), Counter(relay.addresses())
        # What came back later is beside them, and nothing has.
        good = check(f"{what}: totals", totals == dict(
            {state: 0 for state in (*bench.STATES, "delivered", "bounced", "complained")},
            total=count,
            accepted=count - sum(others.values()), **others), totals, done.stderr)
        if not good:
            return
        equal(f"{what}: exit code", done.returncode, code, done.stderr)
        equal(f"{what}: so many were taken, nobody twice", (len(had), set(had.values())),
              (taken, {1}))
        equal(f"{what}: nothing strange on the wire", relay.strange(), [])
        oracle.sound(f, campaign, what)
        if others.get("uncertain"):
            uncertain_again(what, f, relay, campaign, others["uncertain"], had)


def uncertain_again(what, f, relay, campaign, n, had):
    done = f.resume(campaign)
    equal(f"{what}: resume sends to nobody who is uncertain",
          (done.returncode, Counter(relay.addresses())), (PARTLY, had), done.stderr)
    no = f.run("campaign", "retry", campaign, "--uncertain", "--json")
    equal(f"{what}: a retry wants to be confirmed", (no.returncode, Counter(relay.addresses())),
          (77, had), no.stderr)
    wrong = f.run("campaign", "retry", campaign, "--uncertain", "--yes", "--expect-count", n + 1)
    equal(f"{what}: and of the right number", (wrong.returncode, Counter(relay.addresses())),
          (77, had), wrong.stderr)
    done = f.run("campaign", "retry", campaign, "--uncertain", "--yes", "--expect-count", n,
                 "--json")
    now = Counter(relay.addresses())
    twice = {address for address, times in now.items() if times == 2}
    equal(f"{what}: retry --uncertain sends to them, and to nobody else",
          (done.returncode, len(twice), max(now.values()), f.totals(campaign)["accepted"]),
          (0, n, 2, MEMBERS), done.stderr)
    ids = Counter(m["id"] for m in relay.accepted() if set(m["rcpts"]) & twice)
    equal(f"{what}: with the Message-ID it had, so that a mailbox can tell",
          set(ids.values()), {2})


def faults():
    for case in CASES:
        one_fault(*case, pipelining=True)
        one_fault(*case, pipelining=False)


def refused_for_ever():
    """Each message refused at its end: it is not the members' fault, so it stops."""
    folder = WORK / "for-ever"
    with Relay(folder / "relay", "--fault", "end-554@*") as relay:
        f = set_up(folder, relay)
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
        totals = f.totals(campaign)
        check("all refused: it stops before the whole list is marked, with 69",
              done.returncode == UNREACHABLE and totals["pending"] > 0
              and bench.sums_add_up(totals), done.returncode, totals, done.stderr)


def nobody_there():
    folder = WORK / "nobody"
    with Relay(folder / "relay") as relay:
        f = set_up(folder, relay)
    campaign, count = f.prepare("personal", "individual")
    done = f.send(campaign, count)
    equal("no relay: exit 69, all still to do", (done.returncode, f.totals(campaign)["pending"]),
          (UNREACHABLE, MEMBERS), done.stderr)
    with Relay(folder / "relay-2") as relay:
        f.configure(relay.port, f"recipients_per_message: {BATCH}")
        done = f.resume(campaign)
        oracle.verdict("no relay, then one", f, campaign, relay.addresses(), MEMBERS, done)


def cut_for_ever():
    folder = WORK / "always-cut"
    with Relay(folder / "relay", "--fault", "content-cut@*") as relay:
        f = set_up(folder, relay, config=LONG_NAME)
        campaign, count = f.prepare("big", "individual", "--limit", FEW)
        done = f.send(campaign, count)
        totals = f.totals(campaign)
        check("cut in each message: it gives up, nobody is refused, the sums hold",
              done.returncode in (UNREACHABLE, RESUMABLE) and totals["refused"] == 0
              and relay.accepted() == [] and bench.sums_add_up(totals),
              done.returncode, totals, done.stderr)


bench.play(faults, refused_for_ever, nobody_there, cut_for_ever)
