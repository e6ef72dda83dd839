"""What smtp-sink wrote down (X-Rcpt-Args of each message) against the report."""
import collections
import email
import os
import pathlib
import pwd
import re
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
MEMBERS, BATCH, CONNECTIONS, PROMPT_RUNS = 2000, 50, 4, 5


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listening(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Sink:
    """smtp-sink -d: a file for each message. As root it wants another user to become."""

    def __init__(self, folder, *options):
        self.folder, self.port = folder, free_port()
        folder.mkdir(parents=True)
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        if user:
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
        for parent in (WORK.parent, WORK, folder.parent):  # that user must come through
            parent.chmod(0o711)
        self.process = subprocess.Popen(
            ["smtp-sink", *user, *options, "-d", str(folder / "%M."),
             f"127.0.0.1:{self.port}", "100"], stdin=subprocess.DEVNULL)
        bench.wait_until("smtp-sink listens", lambda: listening(self.port))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def messages(self):
        for file in self.folder.iterdir():
            yield email.message_from_bytes(file.read_bytes())


def rcpts(message):
    return [args.split()[0].strip("<>") for args in message.get_all("X-Rcpt-Args", [])]


def deliver(what, template, mode, *options):
    folder = WORK / what.replace(" ", "-").replace(",", "")
    with Sink(folder / "sink", *options) as sink:
        f = Facteur(folder / "facteur", sink.port, f"max_connections: {CONNECTIONS}, "
                    f"recipients_per_message: {BATCH}")
        f.members(bench.members(MEMBERS))
        campaign, count = f.prepare(template, mode)
        done = f.send(campaign, count)
        messages = list(sink.messages())
    oracle.verdict(what, f, campaign, [r for m in messages for r in rcpts(m)], MEMBERS, done)
    equal(f"{what}: all are accepted", f.totals(campaign)["accepted"], MEMBERS)
    clients = {m["X-Client-Addr"] for m in messages}
    equal(f"{what}: messages", len(messages), MEMBERS if mode == "individual" else
          MEMBERS // BATCH, clients)
    sizes = collections.Counter(len(rcpts(m)) for m in messages)
    equal(f"{what}: recipients of each", set(sizes), {1} if mode == "individual" else {BATCH})
    check(f"{what}: no Bcc", not any(m["Bcc"] for m in messages))


def idle_waits(f, campaign, count):
    """How often facteur slept through a wait, without news."""
    trace = f.folder / "waits"
    subprocess.run(["strace", "-f", "-qq", "-e", "trace=epoll_wait,poll", "-o", trace,
                    *f.command("campaign", "send", campaign, "--yes", "--expect-count", count,
                               "--progress", "none")],
                   cwd=f.folder, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    # A wait of no time only looks.
    return len(re.findall(r"(?:epoll_wait|poll)\(.*, [1-9][0-9]*\)\s+= 0", trace.read_text()))


def prompt():
    """Nothing is waited for once the last connection has closed: the best of some runs, for the
    server may take its time."""
    with Sink(WORK / "prompt" / "sink") as sink:
        f = Facteur(WORK / "prompt" / "facteur", sink.port)
        f.members(bench.members(1))
        waits = [idle_waits(f, *f.prepare("plain", "bcc")) for _ in range(PROMPT_RUNS)]
    equal("one message waits for nothing but answers", min(waits), 0, waits)


def sink():
    deliver("individual", "personal", "individual")
    deliver("bcc", "plain", "bcc")
    deliver("bcc, no pipelining", "plain", "bcc", "-p")


bench.play(sink, prompt)
