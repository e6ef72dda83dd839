"""One campaign for each byte at which a connection can be cut: the proxy passes so many bytes
of one direction and ends the connection; the server's accept log is the oracle.

cuts.py FOLDER SEED LANES STRIDE [CONVERSATION]"""
import pathlib
import random
import sys
import time
from collections import Counter
from math import inf

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
from bench import LONG, check, equal, note  # noqa: E402
from place import ACCEPTED, UNCERTAIN, Place, side_by_side  # noqa: E402
from proxy import Proxy  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
RANDOM = random.Random(int(sys.argv[2]))
LANES = int(sys.argv[3])
STRIDE, ONLY = int(sys.argv[4]), sys.argv[5]
MEMBERS = 2
KINDS = ("close", "rst", "half")
SAMPLE = 24  # cuts of each direction of a conversation, when not at every byte
# Options of the server, settings of the relay, template, mode.
CONVERSATIONS = {
    "plain": ((), "tls: none", "short", "individual"),
    "blind": ((), "tls: none", "shared", "bcc"),
    "chunking": (("--chunking",), "tls: none", "short", "individual"),
    "starttls": (("--starttls", WORK / "server.pem"),
                 f"tls: starttls, ca_file: {WORK / 'ca.pem'}", "short", "individual"),
}


class Run:
    """A campaign through a proxy with these faults, until all is decided."""

    def __init__(self, place, *faults):
        place.reset()
        proxy = Proxy(place.relay.port, *faults)
        self.codes, self.said = place.finish("--set", f"relays.relay.port={proxy.port}")
        self.connections = proxy.end()
        self.sessions = place.await_sessions(len(self.connections))
        self.taken = place.taken()
        self.states = place.states()


class Map:
    """Where things stand in the bytes of an undisturbed conversation."""

    def __init__(self, run, clear, window):
        self.length = {way: run.connections[0][way] for way in ("up", "down")}
        self.clear, self.window = clear, window
        self.session = run.sessions[0]
        self.at = {a: m for m in run.sessions[0]["messages"] for a in m["rcpts"]}

    def may_be_uncertain(self, address, way, n, session):
        """Was its 354 on its way, and its reply cut off?"""
        if not self.clear:
            return True  # where a record ends is not known: the log of sessions tells
        # What the server of this very cut wrote: an RSET comes between two messages of a
        # window, or not, as their replies are slow or quick.
        own = [m for m in session["messages"] if address in m["rcpts"]]
        m = self.at[address] | {"reply": inf} | (own[0] if own else {})
        if self.window:  # all leave once EHLO was answered
            return (n >= self.session["hello_in"] if way == "up"
                    else self.session["hello_out"] <= n < m["reply"])
        if way == "down":
            return m["go"] <= n < m["reply"]
        later = [o["data"] for o in self.at.values() if o["data"] > m["data"]]
        # The content of the next one leaves after the reply to this one has come.
        return n >= m["data"] and all(n <= d for d in later)


def wrong(place, run, bytes_map, way, n):
    """What is not as it must be after this cut; nothing when all is well."""
    asked = {a for s in run.sessions for m in s["messages"] for a in m["rcpts"]}
    cut = min(run.sessions, key=lambda s: s["session"])
    yield from place.unfit(run.codes, run.taken)
    for address, state in run.states.items():
        if state == UNCERTAIN and address not in asked and not bytes_map.window:
            yield f"{address} is uncertain and the server never asked for it"
        elif state == UNCERTAIN and not bytes_map.may_be_uncertain(address, way, n, cut):
            yield f"{address} is uncertain and its end was not on its way, or its reply came"
    # With everything answered facteur may be gone before the last bytes, those of QUIT, come.
    gone = run.connections[0]["end"] == "reset" and set(run.states.values()) == {ACCEPTED}
    if run.connections[0]["end"] not in ("cut", "left") and not gone and n < bytes_map.length[way]:
        yield f"it was not cut: {run.connections}"


def offsets(bytes_map):
    """The cuts of a conversation: way, byte. The borders of what is said are always there."""
    for way in ("up", "down"):
        every = range(bytes_map.length[way] + 1)
        chosen = set(every[::STRIDE] if LONG else RANDOM.sample(every, SAMPLE))
        if bytes_map.clear:
            keys = ("data", "end") if way == "up" else ("go", "reply")
            chosen |= {m[key] + d for m in bytes_map.at.values() for key in keys for d in (-1, 0)}
        for n in sorted(chosen):
            yield way, n, KINDS[n % len(KINDS)]


def conversation(name):
    server, relay, template, mode = CONVERSATIONS[name]
    places = [Place(WORK / name / str(lane), MEMBERS, template, mode, server,
                    relay + ", max_connections: 1") for lane in range(LANES)]
    whole = Run(places[0])
    bytes_map = Map(whole, name != "starttls", name == "chunking")
    equal(f"{name}: without a cut all are accepted",
          (set(whole.states.values()), sum(whole.taken.values())), ({ACCEPTED}, MEMBERS),
          whole.said)
    at, sums, bad = time.monotonic(), Counter(), []

    def trial(place, case):
        way, n, kind = case
        run = Run(place, f"{way}:{kind}@{n}#1")
        return way, n, kind, run, list(wrong(place, run, bytes_map, way, n))

    for way, n, kind, run, faults in side_by_side(places, trial, offsets(bytes_map)):
        sums["cuts"] += 1
        sums[f"uncertain after {way}"] += UNCERTAIN in run.states.values()
        sums["uncertain, and not taken"] += any(
            s == UNCERTAIN and not run.taken[a] for a, s in run.states.items())
        if faults:
            bad.append(f"{way}:{kind}@{n}: {'; '.join(faults)}: {run.said}")
    check(f"{name}: the verdict equals the oracle in all {sums['cuts']} cuts", not bad, *bad[:20])
    strange = [line for place in places for line in place.relay.strange()]
    equal(f"{name}: nothing strange on the wire", strange, [])
    for place in places:
        place.close()
    note(f"{name}: {dict(sums)}, {bytes_map.length} bytes, {time.monotonic() - at:.0f} s")


def conversations():
    for name in CONVERSATIONS:
        if ONLY in ("", name):
            conversation(name)


bench.play(conversations)
