"""What all servers of the matrix have in common: two ports on the loopback, a person who may log
in, and what they took.

A server is a class with NAME, KINDS (the kinds of login it offers under TLS, as facteur names
them), and
  missing()    why it cannot run on this machine, or None
  prepare()    writes its configuration, returns the command that runs it in the foreground
  taken()      a (sender, recipient, message) for every message and recipient it took
  logins()     the kind of every login that was good, as facteur names them
Recipients whose names begin with gone are refused by it, with later deferred.
"""
import base64
import ctypes
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402

ROOT = pathlib.Path(os.environ["ROOT"])
PEERS = ROOT / "build" / "peers"
USER = "secretary@example.org"
PASSWORD = "c0rrect+horse=Battery/9"
SECONDS = 20
PR_SET_PDEATHSIG = 1


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def die_with_parent():
    """A server that outlives the test would hold its port, and nobody would know whose it is."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def user_exists(name):
    try:
        pwd.getpwnam(name)
        return True
    except KeyError:
        return False


class Peer:
    NAME = "?"
    KINDS = ()
    ENV = {}
    LOCALS_LOG_IN = False  # from the loopback too
    FRAIL = False  # cannot bear a message before its answer to the one before

    def __init__(self, folder, authority):
        self.folder = pathlib.Path(folder)
        self.authority = authority
        self.cert = authority.folder / "relay.pem"
        self.key = authority.folder / "relay.key"
        self.ports = {"starttls": free_port(), "implicit": free_port()}
        self.process = None

    @classmethod
    def missing(cls):
        return None

    @classmethod
    def lacks(cls, *programs):
        for program in programs:
            if shutil.which(program) is None:
                return f"no {program} here"
        return None

    def write(self, name, text, mode=0o644):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    def read(self, name):
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self):
        self.folder.mkdir(parents=True)
        self.folder.chmod(0o755)
        command = self.prepare()
        self.process = subprocess.Popen(
            [str(word) for word in command], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=(self.folder / "out.log").open("wb"), stderr=subprocess.STDOUT,
            env={**os.environ, **self.ENV}, start_new_session=True, preexec_fn=die_with_parent)
        try:
            bench.wait_until(f"{self.NAME} listens", self.ready, SECONDS)
        except Exception as e:
            self.stop()
            raise RuntimeError(f"{e}\n{self.read('out.log')}{self.read('log')}") from e

    def ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.NAME} ended with {self.process.returncode}")
        return all(listens(port) for port in self.ports.values())

    def stop(self):
        if self.process is None:
            return
        os.killpg(self.process.pid, signal.SIGTERM)  # with all that it started
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def field(raw, name):
    """The first header field of that name, as UTF-8, without what is around an address."""
    found = re.search(rb"(?im)^" + name.encode() + rb":[ \t]*(.*?)\r?$", raw)
    return found.group(1).decode().strip("<>") if found else None


def maildir(folder):
    """The messages below a folder in which each recipient has, or all share, a Maildir."""
    return sorted(pathlib.Path(folder).glob("**/new/*"))


class Lines(Peer):
    """A server that is ours to write: it keeps what it sees as lines of JSON."""

    def lines(self, name):
        return [json.loads(line) for line in self.read(name).splitlines()]

    def taken(self):
        return [(m["sender"], rcpt, base64.b64decode(m["data"]))
                for m in self.lines("taken.ndjson") for rcpt in m["rcpts"]]

    def logins(self):
        return self.lines("logins.ndjson")


class Cell(Peer):
    """A server that runs in a root of its own, unpacked by script/peers."""

    PROGRAM = ""
    USERS = ()

    @classmethod
    def missing(cls):
        if os.geteuid() != 0:
            return "only root can give it a root of its own"
        if not (PEERS / cls.NAME).is_dir():
            return "script/peers could not unpack it"
        return None

    def furnish(self):
        """The root with the files that every program expects; returns its path."""
        root = self.folder / "root"
        shutil.copytree(PEERS / self.NAME, root, symlinks=True)
        users = "".join(f"{name}:x:{uid}:{uid}:{name}:/:/bin/sh\n" for name, uid in self.USERS)
        groups = "".join(f"{name}:x:{uid}:\n" for name, uid in self.USERS)
        for name, text in (("passwd", "root:x:0:0:root:/:/bin/sh\n" + users),
                           ("group", "root:x:0:\n" + groups), ("resolv.conf", ""),
                           ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
                           ("hosts", "127.0.0.1 localhost\n"), ("mailname", "relay.example\n"),
                           ("ssl/certs/ca-certificates.crt", self.authority.pem.read_text()),
                           ("tls/relay.pem", self.cert.read_text())):
            self.write(f"root/etc/{name}", text)
        self.write("root/etc/tls/relay.key", self.key.read_text(), 0o600)
        for name, mode in (("dev", 0o755), ("bin", 0o755), ("tmp", 0o1777), ("mail", 0o777), ("var/log", 0o755)):
            (root / name).mkdir(parents=True, exist_ok=True)
            (root / name).chmod(mode)
        for name, minor in (("null", 3), ("urandom", 9)):
            try:
                os.mknod(root / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
            except PermissionError:  # in some containers: what is written there is lost as well
                (root / "dev" / name).touch()
            (root / "dev" / name).chmod(0o666)
        return root

    def command(self, *args):
        return ["chroot", self.folder / "root", self.PROGRAM, *args]
