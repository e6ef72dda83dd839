"""tests/tools/proxy.c, from Python; its source begins with the manual."""
import json
import os
import pathlib
import subprocess

PROGRAM = pathlib.Path(os.environ["BUILD"]) / "tests/tools/proxy"


class Proxy:
    """Joins its .port to the port `to`; faults as in the manual: "up:rst@100#2"."""

    def __init__(self, to, *faults, delay=0, port=0):
        rules = [word for fault in faults for word in ("--fault", fault)]
        self.process = subprocess.Popen(
            [PROGRAM, "--to", str(to), "--port", str(port), "--delay", str(delay), "--stdin",
             *rules], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def next(self):
        """What is to be said of the connection that ends next; waits for it."""
        return json.loads(self.process.stdout.readline())

    def end(self):
        """What it said of the connections that ended and were not asked for."""
        self.process.stdin.close()
        said = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait()
        return [json.loads(line) for line in said.splitlines()]
