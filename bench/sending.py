"""What bench/send and bench/profile share: a facteur folder, servers on free ports of
loopback, and one measured run of a command."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
FACTEUR = os.path.abspath(os.environ.get("FACTEUR", BUILD / "cmd/facteur"))
os.environ["PATH"] += ":/usr/sbin"  # where smtp-sink is, which not every user has in PATH
LIST = "members"
START_SECONDS = 20
LINE = 74
FILL = 500

def words(size):
    """About `size` bytes of text in lines."""
    text = "The hall is closed on Friday the 12th and the annual meeting is on Saturday. "
    lines, line = [], ""
    for word in (text * (size // len(text) + 1))[:size].split():
        if len(line) + len(word) > LINE:
            lines.append(line)
            line = ""
        line += (" " if line else "") + word
    return "\n".join([*lines, line])


# Two personal letters that become messages of about 2 kB. The first is a whole document, in
# ASCII, with no frame of ours around it; the second is what most people write: Markdown with
# accents, so that both parts go through quoted-printable.
HTML = """---
subject: "{{given_name}}, our news of the month"
language: en
format: html
---
<!doctype html>
<html lang="en">
<head><title>News for {{given_name}}</title></head>
<body>
<p>Dear {{given_name}} {{family_name}},</p>
<p>your number is <strong>{{member}}</strong>, and your page is
<a href="https://asso.example/page?m={{member}}">here</a>.</p>
%s
</body>
</html>
--- text ---
Dear {{given_name}} {{family_name}},

your number is {{member}}, your page is https://asso.example/page?m={{member}}

%s
"""
MARKDOWN = """---
subject: "{{given_name}}, votre rendez-vous"
language: fr
---
Bonjour {{given_name}} {{family_name}},

la salle sera fermée vendredi, et l’assemblée est à 14 h.
Votre numéro : **{{member}}**. [Votre page](https://asso.example/?m={{member}})
"""
LETTERS = {"html": HTML % (f"<p>{words(FILL)}</p>", words(FILL)), "markdown": MARKDOWN}
CONFIG = """database: facteur.db
identity:
  from: "Association Exemple <contact@asso.example>"
  bounce_address: returns@asso.example
  organisation: Association Exemple
  postal_address: 1 rue de la Paix, 98800 Noum\u00e9a
relays:
  relay: {type: smtp, host: 127.0.0.1, port: %d, tls: none, auth: none, durability: full,
          max_connections: %d, messages_per_connection: 0}
default_relay: relay
safety: {live: true}
"""


class Run:
    """One command from start to end: its seconds, seconds of processor and peak memory."""

    def __init__(self, command, folder, may_fail=False):
        self.command = [str(word) for word in command]
        log = pathlib.Path(folder, "log")
        with log.open("wb") as out:
            start = time.monotonic()
            child = subprocess.Popen(self.command, cwd=folder, stdout=out, stderr=out,
                                     stdin=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            self.seconds = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        self.user, self.system = usage.ru_utime, usage.ru_stime
        self.kib = usage.ru_maxrss
        self.code = child.returncode
        self.out = log.read_text(errors="replace")
        if self.code != 0 and not may_fail:
            sys.exit(f"{' '.join(self.command)}: exit {self.code}\n{self.out[-2000:]}")


def need(*programs):
    """Ends when one is not installed."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}")


def tool(name):
    """A program of the build, or the end."""
    path = BUILD / name
    if not path.exists():
        sys.exit(f"{path} is not there: script/build release, then script/build release bench")
    return path


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until(condition, what):
    until = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > until:
            sys.exit(what)
        time.sleep(0.01)


class Server:
    """A program that listens on `port`, or on the one that is its first line; ended by the end
    of the block."""

    def __init__(self, command, port, folder):
        self.port = port
        log = tempfile.NamedTemporaryFile(dir=folder, prefix="server.", delete=False)
        self.log = pathlib.Path(log.name)
        with log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log,
                                            stderr=log, stdin=subprocess.DEVNULL, cwd=folder)
        wait_until(self.ready, f"{command}: does not listen")

    def ready(self):
        if self.process.poll() is not None:
            sys.exit(f"{self.process.args}: {self.log.read_text(errors='replace')}")
        if self.port is None:
            line, end, _ = self.log.read_text().partition("\n")
            self.port = int(line) if end else None
            return bool(end)
        return self.listens()

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def cpu(self):
        """Seconds of processor it has taken until now."""
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def smtp_sink(folder, *options):
    """Postfix's own: PIPELINING, no CHUNKING."""
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    return Server(["smtp-sink", *user, *options, f"127.0.0.1:{port}", "1000"], port, folder)


class Sink(Server):
    """bench/sink.c."""

    def __init__(self, folder, *options):
        super().__init__([tool("bench/bench_sink"), *options], None, folder)

    def count(self):
        """What came since the last time it was asked."""
        before = self.log.stat().st_size
        self.process.send_signal(signal.SIGUSR1)
        wait_until(lambda: self.log.stat().st_size > before, "the sink does not answer")
        return json.loads(self.log.read_text().splitlines()[-1])


class Proxy(Server):
    """tests/tools/proxy.c: a round trip takes so many milliseconds longer."""

    def __init__(self, folder, to, delay):
        super().__init__([tool("tests/tools/proxy"), "--to", to, "--delay", delay], None, folder)


class Folder:
    """A facteur folder with `members` on a list and the letters as templates; a campaign
    starts from the same database each time."""

    def __init__(self, folder, members):
        self.folder, self.members = pathlib.Path(folder), members
        self.folder.mkdir(parents=True)
        self.configure(9)
        with (self.folder / "rows.csv").open("w") as out:
            out.write("email,given_name,family_name,member\n")
            out.writelines(f"member{i:08}@town{i % 997}.example,Jeanne{i % 1000},"
                           f"Exemple{i % 777},M{i:08}\n" for i in range(members))
        self.must("list", "create", LIST)
        self.must("list", "import", LIST, "rows.csv")
        for name, text in LETTERS.items():
            (self.folder / name).write_text(text, encoding="utf-8")
            self.must("template", "add", name, name)
        (self.folder / "rows.csv").unlink()
        (self.folder / "facteur.db").rename(self.folder / "fresh.db")

    def configure(self, port, connections=10):
        text = CONFIG % (port, connections)
        (self.folder / "facteur.yaml").write_text(text, encoding="utf-8")

    def must(self, *args):
        return Run([FACTEUR, *args], self.folder)

    def campaign(self, letter="html", limit=0, keep=True):
        """A new campaign in a new copy of the database, or in the only one there is: how many
        it is to."""
        for old in self.folder.glob("facteur.db*"):
            old.unlink()
        if keep:
            shutil.copy(self.folder / "fresh.db", self.folder / "facteur.db")
            with (self.folder / "facteur.db").open("rb") as copy:  # or the measured run would wait for it
                os.fsync(copy.fileno())
        else:
            (self.folder / "fresh.db").rename(self.folder / "facteur.db")
        made = self.must("campaign", "create", "--to", LIST, "--template", letter, "--mode",
                         "individual", "--json", *(["--limit", limit] if limit else []))
        return json.loads(made.out.splitlines()[-1])["recipients"]

    @staticmethod
    def send_command(count):
        return [FACTEUR, "campaign", "send", "1", "--yes", "--expect-count", str(count), "--json",
                "--progress", "none"]

    def send(self, count):
        """Sends campaign 1; every one of `count` must have been accepted."""
        run = self.must(*self.send_command(count)[1:])
        done = json.loads(run.out.splitlines()[-1])
        if done["accepted"] != count:
            sys.exit(f"only {done['accepted']} of {count} accepted: {run.out}")
        return run
