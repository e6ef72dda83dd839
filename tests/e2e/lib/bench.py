"""What the end-to-end tests in Python share: a facteur folder, the server of smtpd.py, and
the lines that script/test counts."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import traceback
from collections import Counter

FACTEUR = os.environ["FACTEUR"]
HERE = pathlib.Path(__file__).parent
SLOWER = int(os.environ.get("SLOWER") or 1)
LONG = bool(os.environ.get("LONG"))
STATES = ("accepted", "deferred", "refused", "uncertain", "skipped", "cancelled", "pending")

CONFIG = """database: facteur.db
identity:
  from: "Association Exemple <contact@asso.example>"
  bounce_address: returns@asso.example
  organisation: Association Exemple
  postal_address: 1 rue de la Paix
relays:
  outbox: {type: maildir, path: outbox}
  relay: {type: smtp, host: 127.0.0.1, port: %(port)s, tls: none, auth: none%(more)s}
default_relay: %(default)s
safety: {live: true}
"""
PLAIN = """---
subject: "News of the month"
language: en
---
# News

The hall is closed on Friday.
.
.. dots, and a last line
"""
PERSONAL = """---
subject: "Dear {{given_name}}, your code {{code}}"
language: en
---
# Hello {{given_name}}

Your code is {{code}}, [open it](https://example.org/code/{{code}}).
"""
failures = 0


def check(name, good, *why):
    """One line that is counted; True when it is good."""
    global failures
    print(f"{'ok' if good else 'not ok'} - {name}", flush=True)
    if not good:
        failures += 1
        for thing in why:
            for line in str(thing).splitlines()[-40:]:
                print(f"#   {line[:600]}")
    return bool(good)


def equal(name, got, want, *why):
    return check(name, got == want, f"got    {got!r}", f"wanted {want!r}", *why)


def note(text):
    print(f"# {text}", flush=True)


def play(*scenes, at_once=1):
    """Runs them all, so many at a time; a scene that breaks is one failure. Does not return."""
    def one(scene):
        try:
            scene()
        except Exception:  # the other scenes still count
            check(f"{scene.__name__} ends", False, traceback.format_exc())

    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(one, scenes))
    sys.exit(1 if failures else 0)


def wait_until(what, condition, seconds=20):
    end = time.monotonic() + seconds * SLOWER
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(0.01)


class Facteur:
    """A folder with configuration, a list "members" and the templates plain, personal."""

    def __init__(self, folder, port=9, more="", default="relay", config=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.configure(port, more, default, config)
        (self.folder / "plain.md").write_text(PLAIN)
        (self.folder / "personal.md").write_text(PERSONAL)

    def configure(self, port, more="", default="relay", config=None):
        text = (config or CONFIG) % {"port": port, "default": default,
                                     "more": ", " + more if more else ""}
        (self.folder / "facteur.yaml").write_text(text, encoding="utf-8")

    def close(self):
        """Nothing more is asked of it."""

    def command(self, *args):
        return [FACTEUR, *map(str, args)]

    def run(self, *args, seconds=120, **more):
        return subprocess.run(self.command(*args), cwd=self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace",
                              timeout=seconds * SLOWER, check=False, **more)

    def start(self, *args, **more):
        more.setdefault("stdout", subprocess.DEVNULL)
        more.setdefault("stderr", subprocess.DEVNULL)
        return subprocess.Popen(self.command(*args), cwd=self.folder,
                                stdin=subprocess.DEVNULL, **more)

    def must(self, *args, **more):
        done = self.run(*args, **more)
        if done.returncode != 0:
            raise RuntimeError(f"{args}: {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def members(self, rows, name="members"):
        """rows: address, given name, code."""
        file = self.folder / f"{name}.csv"
        with file.open("w", encoding="utf-8") as out:
            out.write("email,given_name,code\n")
            out.writelines(f"{a},{g},{c}\n" for a, g, c in rows)
        self.must("list", "create", name)
        self.must("list", "import", name, file.name)
        for template in ("plain", "personal"):
            self.must("template", "add", template, f"{template}.md")

    def prepare(self, template, mode, *more, to="members", relay="relay"):
        out = self.must("campaign", "create", "--to", to, "--template", template,
                        "--mode", mode, "--relay", relay, "--json", *more)
        doc = json.loads(out.splitlines()[-1])
        return doc["campaign"], doc["recipients"]

    def send(self, campaign, count, **more):
        """The finished process; its last line of stdout is the summary."""
        return self.run("campaign", "send", campaign, "--yes", "--expect-count", count,
                        "--json", "--progress", "none", **more)

    def resume(self, campaign, **more):
        return self.run("campaign", "resume", campaign, "--json", "--progress", "none", **more)

    def totals(self, campaign):
        return json.loads(self.must("report", campaign, "--json"))["totals"]

    def recipients(self, campaign):
        out = self.must("report", campaign, "--recipients", "--json")
        return [json.loads(line) for line in out.splitlines()]


class Relay:
    """smtpd.py in a folder of its own."""

    def __init__(self, folder, *options):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "smtpd.py"), str(self.folder), *map(str, options)],
            stdin=subprocess.PIPE)
        wait_until("the server listens", (self.folder / "port").exists)
        self.port = int((self.folder / "port").read_text())
        self.read_to = Counter()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def lines(self, name):
        """Whole lines only: the last one may be under way."""
        text = (self.folder / name).read_text(encoding="utf-8")
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def news(self, name="accepted"):
        """The lines of a log that were not asked for yet."""
        with (self.folder / f"{name}.ndjson").open("rb") as file:
            file.seek(self.read_to[name])
            text = file.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read_to[name] += len(whole)
        return [json.loads(line) for line in whole.splitlines()]

    def size(self):
        return (self.folder / "accepted.ndjson").stat().st_size

    def accepted(self):
        return self.lines("accepted.ndjson")

    def strange(self):
        return self.lines("strange.ndjson")

    def addresses(self):
        return [rcpt for message in self.accepted() for rcpt in message["rcpts"]]


def members(n, start="member"):
    return [(f"{start}{i:05}@example.org", f"Zo\u00e9{i:05}", f"K{i:05}Q") for i in range(n)]


def sums_add_up(totals):
    return totals["total"] == sum(totals.get(state, 0) for state in STATES)
