"""A facteur that is loaded once and forked for each run, which takes half the time, and may run
out of memory: tests/tools/failalloc_serve.c."""
import os
import pathlib
import select
import signal
import struct
import subprocess

from bench import FACTEUR, SLOWER, Facteur

LIBRARY = pathlib.Path(os.environ["BUILD"]) / "tests/tools/libfailalloc.so"
INT = struct.Struct("=i")


class Output:
    """A file in memory that one run after the other writes from its beginning."""

    def __init__(self, name):
        self.fd = os.memfd_create(name)

    def clear(self):
        os.ftruncate(self.fd, 0)
        os.lseek(self.fd, 0, os.SEEK_SET)

    def text(self):
        size = os.fstat(self.fd).st_size
        return os.pread(self.fd, size, 0).decode(errors="replace")


class Forked(Facteur):
    """One run at a time."""

    def __init__(self, *args, **more):
        self.out, self.err = Output("stdout"), Output("stderr")
        self.load()
        super().__init__(*args, **more)

    def load(self):
        self.answers, theirs = os.pipe()
        env = dict(os.environ, LD_PRELOAD=str(LIBRARY), FAILALLOC_SERVE=str(theirs))
        self.process = subprocess.Popen([FACTEUR], stdin=subprocess.PIPE, stdout=self.out.fd,
                                        stderr=self.err.fd, env=env, pass_fds=[theirs],
                                        start_new_session=True)
        os.close(theirs)

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        for fd in (self.answers, self.out.fd, self.err.fd):
            os.close(fd)

    def hung(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.answers)
        self.load()

    def run(self, *args, seconds=120, at=0, once=False):
        """The finished run, in which the allocation number `at` failed, 0: none."""
        return self.ask(args, seconds, at, int(once))

    def walk(self, *args, first, each, seconds=1800):
        """One run, in copies of which the allocations fail, every each-th, while it changes
        nothing. How far it came, how many copies there were, and the (number, once) that want
        a run of their own: with failures that did not end it at once."""
        self.ask(args, seconds, first, f"walk:{each}")
        *others, (_, last, copies) = [
            line.split() for line in (self.folder / "walked").read_text().splitlines()]
        return int(last), int(copies), {(int(n), once == "1") for n, once, _ in others}

    def ask(self, args, seconds, at, how):
        words = (at, how, self.folder, *self.command(*args))
        text = b"".join(str(word).encode() + b"\0" for word in words)
        for output in (self.out, self.err):
            output.clear()
        self.process.stdin.write(INT.pack(len(text)) + text)
        self.process.stdin.flush()
        if not select.select([self.answers], [], [], seconds * SLOWER)[0]:
            self.hung()
            raise subprocess.TimeoutExpired(args, seconds)
        (status,) = INT.unpack(os.read(self.answers, INT.size))
        return subprocess.CompletedProcess(args, os.waitstatus_to_exitcode(status),
                                           self.out.text(), self.err.text())
