"""One campaign for each byte at which a connection can be cut: the proxy passes so many bytes
of one direction and ends the connection; the server's accept log is the oracle.

cuts.py FOLDER SEED LANES [CONVERSATION]"""
import concurrent.futures
import pathlib
import queue
import random
import shutil
import sys
import time
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import LONG, Facteur, Relay, check, equal, note  # noqa: E402
from proxy import Proxy  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
LANES = int(sys.argv[3])
ONLY = sys.argv[4]
MEMBERS = 2
RUNS_MAX = 5
KINDS = ("close", "rst", "half")
SAMPLE = 24  # cuts of each direction of a conversation, when not at every byte
ACCEPTED, UNCERTAIN = 3, 6
FINE, PARTLY = 0, 3
# Options of the server, settings of the relay, template, mode.
CONVERSATIONS = {
    "plain": ((), "tls: none", "short", "individual"),
    "blind": ((), "tls: none", "shared", "bcc"),
    "starttls": (("--starttls", WORK / "server.pem"),
                 f"tls: starttls, ca_file: {WORK / 'ca.pem'}", "short", "individual"),
}
CONFIG = bench.CONFIG.replace("tls: none, auth: none", "auth: none, max_connections: 1")
TEMPLATES = {"short": '---\nsubject: "Dear {{given_name}}"\nlanguage: en\n---\nYour {{code}}.\n',
             "shared": '---\nsubject: "News"\nlanguage: en\n---\nHello.\n'}


class Run:
    """A campaign from its first run to its end, and what the server has of it."""

    def __init__(self):
        self.codes, self.said, self.states, self.connections = [], "", {}, []
        self.sessions, self.taken = [], Counter()


class Lane:
    """A folder with a prepared campaign, and a server: a place for one cut at a time."""

    def __init__(self, name, number):
        options, more, template, mode = CONVERSATIONS[name]
        folder = WORK / name / str(number)
        self.relay = Relay(folder / "relay", *options)
        self.f = Facteur(folder / "facteur", self.relay.port, more, config=CONFIG)
        self.f.members(bench.members(MEMBERS))
        for made, text in TEMPLATES.items():
            (self.f.folder / f"{made}.md").write_text(text)
            self.f.must("template", "add", made, f"{made}.md")
        self.campaign, self.count = self.f.prepare(template, mode)
        self.database = self.f.folder / oracle.DATABASE
        self.fresh = folder / "fresh.db"
        shutil.copyfile(self.database, self.fresh)
        self.seen = Counter()

    def news(self, name):
        lines = self.relay.lines(f"{name}.ndjson")[self.seen[name]:]
        self.seen[name] += len(lines)
        return lines

    def reset(self):
        for end in ("-wal", "-shm"):
            pathlib.Path(f"{self.database}{end}").unlink(missing_ok=True)
        shutil.copyfile(self.fresh, self.database)

    def send(self, first, port):
        what = (("send", self.campaign, "--yes", "--expect-count", self.count) if first
                else ("resume", self.campaign))
        return self.f.run("campaign", *what, "--json", "--progress", "none",
                          "--set", f"relays.relay.port={port}")

    def await_sessions(self, n):
        """What a cut connection brought may be taken after facteur has ended."""
        sessions = []

        def all_over():
            sessions.extend(self.news("sessions"))
            return len(sessions) >= n

        bench.wait_until("the server has seen all the ends", all_over)
        return sessions

    def run(self, *faults):
        """Sends through a proxy with these faults until all is decided."""
        self.reset()
        run = Run()
        proxy = Proxy(self.relay.port, *faults)
        while len(run.codes) < RUNS_MAX and not set(run.states.values()) & {ACCEPTED, UNCERTAIN}:
            done = self.send(not run.codes, proxy.port)
            run.codes.append(done.returncode)
            run.said += done.stderr
            run.states = dict(oracle.ask(self.f, "SELECT address, state FROM delivery"))
        run.connections = proxy.end()
        run.sessions = self.await_sessions(len(run.connections))
        run.taken = Counter(a for m in self.news("accepted") for a in m["rcpts"])
        return run


class Map:
    """Where things stand in the bytes of an undisturbed conversation."""

    def __init__(self, run, clear):
        self.length = {way: run.connections[0][way] for way in ("up", "down")}
        self.clear = clear
        self.at = {a: m for m in run.sessions[0]["messages"] for a in m["rcpts"]}

    def may_be_uncertain(self, address, way, n):
        """Was its 354 on its way, and its reply cut off?"""
        if not self.clear:
            return True  # where a record ends is not known: the log of sessions tells
        m = self.at[address]
        if way == "down":
            return m["go"] <= n < m["reply"]
        later = [o["data"] for o in self.at.values() if o["data"] > m["data"]]
        # The content of the next one leaves after the reply to this one has come.
        return n >= m["data"] and all(n <= d for d in later)

    def must_be_known(self, address, way, n):
        return way == "down" and self.clear and n >= self.at[address]["reply"]


def wrong(run, bytes_map, way, n):
    """What is not as it must be after this cut; nothing when all is well."""
    asked = {a for s in run.sessions for m in s["messages"] for a in m["rcpts"]}
    for address, state in run.states.items():
        taken = run.taken[address]
        if taken > 1:
            yield f"{address} was taken {taken} times"
        if state not in (ACCEPTED, UNCERTAIN):
            yield f"{address} is in state {state} at the end"
        elif state == ACCEPTED and taken != 1:
            yield f"{address} is accepted and was taken {taken} times"
        elif state == UNCERTAIN and address not in asked:
            yield f"{address} is uncertain and the server never asked for it"
        elif state == UNCERTAIN and not bytes_map.may_be_uncertain(address, way, n):
            yield f"{address} is uncertain and its end was not on its way, or its reply came"
    if len(run.states) != MEMBERS:
        yield f"{len(run.states)} members"
    want = PARTLY if UNCERTAIN in run.states.values() else FINE
    if run.codes[-1] != want:
        yield f"exit codes {run.codes}"
    if run.connections[0]["end"] != "cut" and n < bytes_map.length[way]:
        yield f"it was not cut: {run.connections}"


def offsets(bytes_map):
    """The cuts of a conversation: way, byte. The borders of what is said are always there."""
    for way in ("up", "down"):
        every = range(bytes_map.length[way] + 1)
        chosen = set(every if LONG else RANDOM.sample(every, SAMPLE))
        if bytes_map.clear:
            keys = ("data", "end") if way == "up" else ("go", "reply")
            chosen |= {m[key] + d for m in bytes_map.at.values() for key in keys for d in (-1, 0)}
        for n in sorted(chosen):
            yield way, n, KINDS[n % len(KINDS)]


def one_cut(lanes, bytes_map, way, n, kind):
    lane = lanes.get()
    try:
        run = lane.run(f"{way}:{kind}@{n}#1")
        return way, n, kind, run, list(wrong(run, bytes_map, way, n))
    finally:
        lanes.put(lane)


def conversation(name):
    lanes, all_lanes = queue.Queue(), [Lane(name, i) for i in range(LANES)]
    whole = all_lanes[0].run()
    bytes_map = Map(whole, name != "starttls")
    equal(f"{name}: without a cut all are accepted",
          (set(whole.states.values()), sum(whole.taken.values())), ({ACCEPTED}, MEMBERS), whole.said)
    for lane in all_lanes:
        lanes.put(lane)
    at, sums, bad = time.monotonic(), Counter(), []
    with concurrent.futures.ThreadPoolExecutor(LANES) as pool:
        jobs = [pool.submit(one_cut, lanes, bytes_map, *cut) for cut in offsets(bytes_map)]
        for job in jobs:
            way, n, kind, run, faults = job.result()
            sums["cuts"] += 1
            sums[f"uncertain after {way}"] += UNCERTAIN in run.states.values()
            sums["uncertain, and not taken"] += any(
                s == UNCERTAIN and not run.taken[a] for a, s in run.states.items())
            if faults:
                bad.append(f"{way}:{kind}@{n}: {'; '.join(faults)}: {run.said}")
    check(f"{name}: the verdict equals the oracle in all {sums['cuts']} cuts", not bad, *bad[:20])
    strange = [line for lane in all_lanes for line in lane.relay.strange()]
    equal(f"{name}: nothing strange on the wire", strange, [])
    for lane in all_lanes:
        lane.relay.__exit__()
    note(f"{name}: {dict(sums)}, {bytes_map.length} bytes, {time.monotonic() - at:.0f} s")


def conversations():
    for name in CONVERSATIONS:
        if ONLY in ("", name):
            conversation(name)


bench.play(conversations)
