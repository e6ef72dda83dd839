"""Each fault of the proxy, seen from both ends."""
import pathlib
import socket
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
from bench import check, equal  # noqa: E402
from proxy import Proxy  # noqa: E402

LOOPBACK = "127.0.0.1"
RESET = "reset"
DELAY = 100  # ms


class Ends:
    """A client and a server's end of one connection through a proxy."""

    def __init__(self, *faults, **more):
        self.listener = socket.create_server((LOOPBACK, 0))
        self.proxy = Proxy(self.listener.getsockname()[1], *faults, **more)
        self.join()

    def join(self):
        self.client = socket.create_connection((LOOPBACK, self.proxy.port))
        self.server, _ = self.listener.accept()
        for end in (self.client, self.server):
            end.settimeout(20)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in (self.client, self.server, self.listener):
            end.close()
        self.proxy.end()


def read_all(end):
    """The bytes until the end, and RESET or "" """
    got = b""
    while True:
        try:
            part = end.recv(65536)
        except ConnectionResetError:
            return got, RESET
        if not part:
            return got, ""
        got += part


def read_some(end, n):
    got = b""
    while len(got) < n:
        got += end.recv(n - len(got))
    return got


def passes():
    data = bytes(range(256)) * 40000
    with Ends() as e:
        sender = threading.Thread(target=lambda: (e.client.sendall(data),
                                                  e.client.shutdown(socket.SHUT_WR)))
        sender.start()
        equal("10 MB pass unchanged", read_all(e.server), (data, ""))
        sender.join()
        e.server.sendall(b"thanks")
        e.server.close()
        equal("the way back outlives the end of the way there", read_all(e.client),
              (b"thanks", ""))
        equal("and it says what has passed", e.proxy.next(),
              {"connection": 1, "up": len(data), "down": 6, "up_came": len(data),
               "down_came": 6, "end": "ends"})


def cuts():
    for way in ("up", "down"):
        for kind, heard in (("close", ""), ("rst", RESET)):
            for n in (0, 1, 7, 10):
                with Ends(f"{way}:{kind}@{n}") as e:
                    source, sink = ((e.client, e.server) if way == "up"
                                    else (e.server, e.client))
                    try:
                        source.sendall(b"0123456789")
                    except (ConnectionResetError, BrokenPipeError):
                        pass  # it was cut before
                    equal(f"{way}:{kind}@{n}: the receiver gets just so much", read_all(sink),
                          (b"0123456789"[:n], heard))
                    check(f"{way}:{kind}@{n}: the sender hears of it",
                          read_all(source)[0] == b"")
                    said = e.proxy.next()
                    equal(f"{way}:{kind}@{n}: and the log says it", (said[way], said["end"]),
                          (n, "cut"))


def half():
    with Ends("up:half@3") as e:
        e.client.sendall(b"abcdef")
        equal("half: the receiver hears the end", read_all(e.server), (b"abc", ""))
        e.server.sendall(b"still here")
        equal("half: the other way goes on", read_some(e.client, 10), b"still here")


def slow():
    with Ends("down:stall@2:300") as e:
        at = time.monotonic()
        e.server.sendall(b"abcd")
        equal("stall: what is before it passes", read_some(e.client, 2), b"ab")
        early = time.monotonic() - at
        equal("stall: then the rest", read_some(e.client, 2), b"cd")
        check("stall: after its time", early < 0.25 < 0.29 < time.monotonic() - at,
              early, time.monotonic() - at)
    with Ends("up:stall@2") as e:
        e.client.sendall(b"abcd")
        equal("stall for ever: what is before it passes", read_some(e.server, 2), b"ab")
        e.server.settimeout(0.3)
        try:
            check("stall for ever: then nothing", e.server.recv(1) and False)
        except socket.timeout:
            check("stall for ever: then nothing", True)
        e.server.sendall(b"x")
        equal("stall for ever: the other way goes on", read_some(e.client, 1), b"x")
    with Ends("down:trickle@1:2:50") as e:
        at = time.monotonic()
        e.server.sendall(b"x" * 11)
        read_some(e.client, 11)
        check("trickle: 10 bytes, 2 at a time, four waits of 50 ms",
              0.195 < time.monotonic() - at < 2, time.monotonic() - at)


def only_one():
    with Ends("up:close@1#2") as e:
        e.client.sendall(b"abc")
        equal("a rule for connection 2 leaves the first alone", read_some(e.server, 3), b"abc")
        e.client.close()
        e.server.close()
        e.join()
        e.client.sendall(b"abc")
        equal("and strikes at the second", read_all(e.server), (b"a", ""))


def delay():
    """Latency, not bandwidth: a thousand chunks are under way at once."""
    chunks = 1000
    with Ends(delay=DELAY) as e:
        at = time.monotonic()
        for _ in range(chunks):
            e.client.sendall(b"x" * 100)
        gone = time.monotonic() - at
        read_some(e.server, 1)
        first = time.monotonic() - at
        read_some(e.server, chunks * 100 - 1)
        last = time.monotonic() - at
        half_way = DELAY / 2000
        check("delay: half of it each way, and no more for a thousand chunks",
              half_way <= first and last - gone < half_way + 0.1, gone, first, last)
        at = time.monotonic()
        e.client.sendall(b"?")
        read_some(e.server, 1)
        e.server.sendall(b"!")
        read_some(e.client, 1)
        check("delay: the round trip", DELAY / 1000 <= time.monotonic() - at < DELAY / 1000 + 0.1,
              time.monotonic() - at)


bench.play(passes, cuts, half, slow, only_one, delay)
