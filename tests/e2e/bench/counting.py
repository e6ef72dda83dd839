"""bench/sink.c against conversations of which the count is known."""
import os
import pathlib
import socket
import sys

ROOT = pathlib.Path(os.environ["ROOT"])
sys.path.insert(0, str(ROOT / "tests/e2e/lib"))
sys.path.insert(0, str(ROOT / "bench"))
import bench  # noqa: E402
import sending  # noqa: E402

sending.BUILD = pathlib.Path(os.environ["BUILD"])
WORK = pathlib.Path(sys.argv[1])
TO = "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\n"


def body(number, text="Hello\r\n"):
    return f"Message-ID: <{number}@example.org>\r\n\r\n{text}"


def data(number, text="Hello\r\n"):
    """The content comes once the 354 is there: "|" waits for the answers."""
    return f"{TO}DATA\r\n|{body(number, text)}.\r\n"


def bdat(number, text="Hello\r\n", cut=None):
    whole = body(number, text)
    if cut is None:
        return f"{TO}BDAT {len(whole)} LAST\r\n{whole}"
    return f"{TO}BDAT {cut}\r\n{whole[:cut]}BDAT {len(whole) - cut} LAST\r\n{whole[cut:]}"


LENGTH = len(body(1))
# name, what the client says, messages, different ids, bytes of all content, strange things
CASES = [
    ("two messages", data(1) + data(2), 2, 2, 2 * LENGTH, 0),
    ("one that comes twice", data(1) + data(1), 2, 1, 2 * LENGTH, 0),
    ("end and envelope in one write", data(1) + data(2) + data(3), 3, 3, 3 * LENGTH, 0),
    ("dots are undone", data(1, "..\r\n...x\r\n"), 1, 1, LENGTH - 7 + 3 + 5, 0),
    ("a window of chunks", bdat(1) + bdat(2) + bdat(3), 3, 3, 3 * LENGTH, 0),
    ("a chunk cut inside a line", bdat(1, cut=5) + bdat(2), 2, 1, 2 * LENGTH, 0),
    ("a chunk cut after a line", bdat(1, cut=LENGTH - 7), 1, 1, LENGTH, 0),
    ("a dot in a chunk is text", bdat(1, ".\r\n"), 1, 1, LENGTH - 7 + 3, 0),
    ("a message that is no line at its end", bdat(1, "Hello"), 1, 1, LENGTH - 2, 1),
    ("a lone LF", data(1, "Hello\n"), 1, 1, LENGTH - 1, 1),
    ("a CR inside a line", data(1, "He\rlo\r\n"), 1, 1, LENGTH, 1),
    ("content before the 354", data(1).replace("|", ""), 1, 1, LENGTH, 1),
    ("no recipient", "MAIL FROM:<a@example.org>\r\nDATA\r\n", 0, 0, 0, 1),
    ("MAIL in MAIL", "MAIL FROM:<a@example.org>\r\n" + data(1), 1, 1, LENGTH, 1),
    ("an unknown command", "HALLO\r\n" + data(1), 1, 1, LENGTH, 1),
]


def talk(port, said):
    with socket.create_connection(("127.0.0.1", port), 10) as s:
        file = s.makefile("rb")
        file.readline()
        s.sendall(b"EHLO client.example\r\n")
        while file.readline()[3:4] == b"-":
            pass
        first, *others = said.split("|")
        s.sendall(first.encode())
        for part in others:
            while not file.readline().startswith(b"354"):
                pass
            s.sendall(part.encode())
        s.sendall(b"QUIT\r\n")
        file.read()


def counting():
    with sending.Sink(WORK) as sink:
        for name, said, messages, ids, size, strange in CASES:
            talk(sink.port, said)
            got = sink.count()
            bench.equal(f"the sink counts: {name}",
                        [got[key] for key in ("messages", "ids", "bytes", "strange")],
                        [messages, ids, size, strange])


def senders():
    """bench/curl_multi.c, and facteur as bench/send has it."""
    count = 40
    with sending.Sink(WORK) as sink:
        sending.Run([sending.tool("bench/bench_curl_multi"), sink.port, count, 4, 2160], WORK)
        got = sink.count()
        bench.equal("libcurl's own SMTP: each once", [got["ids"], got["strange"]], [count, 0])
        bench.equal("over connections that are kept", got["sessions"], 4)
        bench.check("of about the size that was asked for",
                    2000 * count < got["bytes"] < 2300 * count, got)
        folder = sending.Folder(WORK / "folder", count)
        folder.configure(sink.port, 4)
        for letter in sending.LETTERS:
            folder.send(folder.campaign(letter))
            got = sink.count()
            bench.equal(f"facteur, {letter}: each once", [got["ids"], got["strange"]], [count, 0])
            bench.check("a message of about 2 kB", 1900 * count < got["bytes"] < 2800 * count, got)


bench.play(counting, senders)
