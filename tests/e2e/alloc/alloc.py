"""The n-th allocation fails: alloc.py FOLDER SEED LANES STRIDE [WORK]"""
import os
import pathlib
import random
import subprocess
import sys
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, check, equal, note  # noqa: E402
from forked import LIBRARY, Forked  # noqa: E402
from place import ACCEPTED, UNCERTAIN, Place, side_by_side  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
LANES, STRIDE, ONLY = int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
MEMBERS = 2
SAMPLE = 14  # allocations of each kind of work, each once and for ever
STRIDE_WALK = 100
SECONDS = 60
OFTEN = 20  # so often a campaign is finished from each state in which it was left
FINE = 0
CLEAN = (66, 69, 73, 74, 75, 78)  # never a signal, never 70, and never 3: nobody is refused


def allocations_of(place, command):
    """How many it makes when none fails, and what it prints."""
    log = place.f.folder / "allocations"
    env = dict(os.environ, LD_PRELOAD=str(LIBRARY), FAILALLOC_LOG=str(log))
    done = subprocess.run(place.f.command(*command), cwd=place.f.folder, env=env, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)
    equal("without a failure all goes well", done.returncode, FINE, done.stderr.decode())
    return int(log.read_text()), done.stdout.decode()


class Sending:
    """A campaign; afterwards it is resumed, and the server's log is the oracle."""

    def __init__(self, by, relay="tls: none", server=(), mode="individual", template="short"):
        self.more = {"by": by, "relay": relay, "server": server, "mode": mode,
                     "template": template}
        self.left = Counter()

    def place(self, folder):
        return Place(folder, MEMBERS, facteur=Forked, **self.more)

    def command(self, place):
        return place.command()

    def taken(self, place):
        return place.taken() if self.more["by"] == "relay" else self.outbox(place)

    def outbox(self, place):
        return Counter(to for file in (place.f.folder / "outbox/new").glob("*")
                       for line in file.read_text().splitlines() if line.startswith("To: ")
                       for to in [line[4:].split("<")[-1].strip(">")])

    def known(self, place, taken):
        """Whether a campaign that was left in this state was finished often enough."""
        half = len(list((place.f.folder / "outbox/tmp").glob("*")))
        state = place.content(), frozenset(taken.items()), half
        self.left[state] += 1
        return self.left[state] > OFTEN

    def wrong(self, place, done, _):
        if place.untouched():
            if done.returncode not in CLEAN or place.taken():
                yield f"nothing was written, and exit code {done.returncode}, or something sent"
            return
        states = place.states().values()
        code = 3 if UNCERTAIN in states and done.returncode == 3 else FINE
        if done.returncode not in CLEAN and (
                done.returncode != code or not set(states) <= {ACCEPTED, UNCERTAIN}):
            yield f"exit code {done.returncode}, states {states}"
        yield from place.unsound()
        taken = self.taken(place)
        if self.known(place, taken):
            return
        codes, said = place.finish()
        taken = self.taken(place) + (taken if self.more["by"] == "relay" else Counter())
        yield from (f"{what}: {said}" for what in place.unfit(codes, taken))

    def told(self):
        return (f", left in {len(self.left)} states, "
                f"{sum(min(n, OFTEN) for n in self.left.values())} finished")


class Import:
    """All or nothing."""

    def told(self):
        return ""

    def place(self, folder):
        place = Place(folder, MEMBERS, facteur=Forked)
        (place.f.folder / "new.csv").write_text(
            "E-Mail;Pr\u00e9nom;Nom\nana@example.org;Ana;Zo\u00e9\nbob@example.org;Bob;Li\n")
        place.f.must("list", "create", "new")
        place.freeze()
        return place

    def command(self, _):
        return ("list", "import", "new", "new.csv", "--json")

    def wrong(self, place, done, whole):
        if place.untouched():  # the next run begins where the first one began
            if done.returncode not in CLEAN:
                yield f"nothing was written, and exit code {done.returncode}"
            return
        if done.returncode not in CLEAN + (FINE,):
            yield f"exit code {done.returncode}"
        members = self.members(place)
        if members not in ([], ["ana@example.org", "bob@example.org"]):
            yield f"half an import: {members}"
        if done.returncode == FINE and (not members or done.stdout != whole):
            yield f"0 and {members}, and it said {done.stdout}"
        again = place.f.run(*self.command(place))
        if again.returncode != FINE or len(self.members(place)) != 2:
            yield f"the next run: {again.returncode} {again.stderr} {self.members(place)}"
        yield from place.unsound()
        if place.f.run("audit", "verify").returncode != 0:
            yield "the log of events"

    def members(self, place):
        return [a for a, in oracle.ask(
            place.f, "SELECT c.address FROM subscription s JOIN contact c ON c.id = s.contact_id"
            " JOIN list l ON l.id = s.list_id WHERE l.name = 'new' ORDER BY 1")]


class Reading:
    """What it prints with 0 is all of it."""

    def told(self):
        return ""

    def __init__(self, *command):
        self.words = command

    def place(self, folder):
        place = Place(folder, MEMBERS, facteur=Forked)
        place.finish()
        place.freeze()
        return place

    def command(self, _):
        return self.words

    def wrong(self, place, done, whole):
        if done.returncode not in CLEAN + (FINE,):
            yield f"exit code {done.returncode}"
        if done.returncode == FINE and done.stdout != whole:
            yield f"0, and it printed {done.stdout!r} instead of {whole!r}"
        yield from place.unsound()


class Create(Reading):
    """A campaign is made as a whole, or not at all."""

    def __init__(self):
        super().__init__("campaign", "create", "--to", "members", "--template", "short",
                         "--relay", "relay", "--json")

    def wrong(self, place, done, whole):
        if done.returncode not in CLEAN + (FINE,):
            yield f"exit code {done.returncode}"
        rows = oracle.ask(place.f, "SELECT c.total, (SELECT count(*) FROM delivery d"
                          " WHERE d.campaign_id = c.id) FROM campaign c WHERE c.id > 1")
        if rows not in ([], [(MEMBERS, MEMBERS)]):
            yield f"half a campaign: {rows}"
        if done.returncode == FINE and (not rows or done.stdout != whole):
            yield f"0, {rows}, and it printed {done.stdout!r}"


KINDS = {
    "smtp": Sending("relay"),
    "starttls": Sending("relay", f"tls: starttls, ca_file: {WORK / 'ca.pem'}",
                        ("--starttls", WORK / "server.pem")),
    "bcc": Sending("relay", mode="bcc", template="shared"),
    "outbox": Sending("outbox"),
    "import": Import(),
    "create": Create(),
    "report": Reading("report", "1", "--json"),
    "recipients": Reading("report", "1", "--recipients", "--json"),
    "list": Reading("list", "export", "members", "--format", "csv"),
}


def trial_of(kind):
    def trial(place, point):
        n, once = point
        place.reset()
        done = place.f.run(*kind.command(place), seconds=SECONDS, at=n, once=once)
        return point, done.returncode, [f"{what} ({done.stderr})"
                                        for what in kind.wrong(place, done, place.whole)]
    return trial


def walk(kind, places, each):
    """Every each-th allocation as long as nothing was written: how far that went, how many
    failures there were, and the points that want a trial."""
    def one(place, first):
        place.reset()
        return *place.f.walk(*kind.command(place), first=first, each=each * len(places)), \
            place.untouched()

    firsts = [1 + each * lane for lane in range(len(places))]
    lasts, copies, others, untouched = zip(*side_by_side(places, one, firsts))
    check("nothing was written before the walk was over", all(untouched))
    return min(lasts), sum(copies), set().union(*others)


def work(name):
    kind, at = KINDS[name], time.monotonic()
    places = [kind.place(WORK / name / str(lane)) for lane in range(LANES)]
    for place in places:  # each has moments of its own
        place.reset()
        total, place.whole = allocations_of(place, kind.command(place))
    last, copies, points = walk(kind, places, STRIDE if LONG else STRIDE_WALK)
    numbers = (range(1, total + 1, STRIDE) if LONG
               else sorted(RANDOM.sample(range(1, total + 1), SAMPLE)))
    codes, bad = Counter({75: copies - len(points)}), []
    points |= {(n, once) for n in numbers for once in (True, False) if n > last or not LONG}
    for point, code, faults in side_by_side(places, trial_of(kind), sorted(points)):
        codes[code] += 1
        if faults:
            bad.append(f"{point}: {faults}")
    check(f"{name}: {sum(codes.values())} failures of {total} allocations: a clean end, no wrong "
          "state", not bad, f"{len(bad)} were not", *bad[:20])
    note(f"{name}: exit codes {dict(codes)}, {len(points)} with a run of their own{kind.told()}, "
         f"{time.monotonic() - at:.0f} s")
    for place in places:
        place.close()


def allocations():
    for name in KINDS:
        if ONLY in ("", name):
            work(name)


bench.play(allocations)
