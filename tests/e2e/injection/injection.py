"""Payloads times fields; each case is a whole campaign to two members through a relay."""
import concurrent.futures
import email
import email.policy
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import tokens  # noqa: E402
from bench import FACTEUR, Relay, check, equal, note  # noqa: E402

# A thousand campaigns would wait for the disk most of the time.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else sys.argv[1]
SCRATCH = tempfile.TemporaryDirectory(prefix="facteur-test.", dir=MEMORY)
WORK = pathlib.Path(SCRATCH.name)
THREADS = 2
REFUSALS = {64, 65, 66, 73, 77, 78}
PAYLOADS = {
    "CR": "a\rBcc: x@example.org", "LF": "a\nBcc: x@example.org",
    "CRLF": "a\r\nBcc: x@example.org", "LF CR": "a\n\rBcc: x@example.org",
    "folded": "a\r\n Bcc: x@example.org", "end of header": "a\r\n\r\nsecond body",
    "end of data": "a\r\n.\r\nMAIL FROM:<x@example.org>\r\nRCPT TO:<x@example.org>\r\nDATA\r\n",
    "bare end of data": "a\n.\nMAIL FROM:<x@example.org>\n", "NUL": "a\0b",
    "VT FF": "a\x0bBcc: x@example.org\x0cb", "terminal": "\x1b[2J\x1b]0;title\x07a",
    "BS DEL": "a\x08\x7fb", "NEL": "a\x85Bcc: x@example.org", "CSI": "a\x9b2Jb",
    "line separator": "a\u2028Bcc: x@example.org", "paragraph separator": "a\u2029b",
    "right to left": "a\u202egro.elpmaxe\u2066b", "BOM": "\ufeffa", "not UTF-8": "a\udcff\udcfeb",
    "encoded CRLF": "=?utf-8?q?a=0D=0ABcc:_x@example.org?=",
    "encoded base64": "=?utf-8?b?DQpCY2M6IHhAZXhhbXBsZS5vcmc=?=",
    "quote": 'Ana" <x@example.org>, "Zoe', "comma": "x@example.org, y@example.org",
    "comment": "a (x@example.org", "group": "a: x@example.org;", "angle": "<x@example.org>",
    "RCPT": "a> ORCPT=rfc822;x@example.org", "script": "<script>alert(1)</script>",
    "attribute": "\" onmouseover=\"alert(1)", "scheme": "javascript:alert(1)//",
    "tag": "{{name}} {{#each a}}", "percent": "%0d%0aBcc:%20x@example.org",
    "backslash": "a\\r\\nBcc: x@example.org\\", "long": "a" * 3000, "dots": "..",
}
HARMLESS = "benign"
TEMPLATE = """---
subject: "{subject}"
preheader: "{preheader}"
{front}language: en
---
{body}
"""
PERSONAL = "Dear {{name}}, {{code}} is [yours](https://example.org/c/{{code}}?x={{code}})."
CONFIG = {
    "database": "facteur.db",
    "identity": {"from": "Asso <contact@asso.example>", "reply_to": "desk@asso.example",
                 "bounce_address": "returns@asso.example",
                 "unsubscribe_address": "leave@asso.example",
                 "organisation": "Asso", "postal_address": "1 rue de la Paix"},
    "default_relay": "relay", "safety": {"live": True},
}
# field, the step it enters at, how a payload is put, what the mode is. "address": the field is
# an address, so that it may become another one, but stays one.
FIELDS = (
    ("name", "csv", "{}", "individual"), ("given_name", "csv", "{}", "individual"),
    ("code", "csv", "{}", "individual"), ("email", "csv", "{}@example.org", "individual"),
    ("email", "csv", "v1@{}.example", "individual"), ("column", "csv", "{}", "individual"),
    ("file", "csv", "{}.csv", "individual"),
    ("map", "csv", "extra={}", "individual"),
    ("list", "list", "{}", "bcc"), ("title", "list", "{}", "bcc"), ("title", "list", "{}", "individual"),
    ("list_address", "list", "{}@asso.example", "bcc"),
    ("list_address", "list", "{} <list@asso.example>", "bcc"),
    ("add", "list", "{}@example.org", "bcc"),
    ("subject", "template", "{}", "bcc"), ("preheader", "template", "{}", "bcc"),
    ("from", "template", "{} <contact@asso.example>", "bcc"),
    ("from", "template", "{}@asso.example", "bcc"),
    ("reply_to", "template", "{} <desk@asso.example>", "bcc"),
    ("template", "template", "{}", "bcc"),
    ("identity.from", "config", "{} <contact@asso.example>", "individual"),
    ("identity.from", "config", "{}@asso.example", "bcc"),
    ("identity.reply_to", "config", "{} <desk@asso.example>", "bcc"),
    ("identity.reply_to", "config", "{}@asso.example", "bcc"),
    ("identity.bounce_address", "config", "{}@asso.example", "bcc"),
    ("identity.unsubscribe_address", "config", "{}@asso.example", "bcc"),
    ("identity.organisation", "config", "{}", "bcc"),
    ("identity.postal_address", "config", "{}", "individual"),
    ("relay.ehlo_name", "config", "{}.example", "bcc"),
    ("safety.redirect_all_to", "config", "{}@example.org", "bcc"),
    ("set", "config", "identity.organisation={}", "bcc"),
    ("campaign", "send", "{}", "individual"), ("relay name", "send", "{}", "bcc"),
    ("reason", "send", "{}", "bcc"),
)
ADDRESSES = {"list_address", "from", "reply_to", "identity.from", "identity.reply_to",
             "identity.bounce_address", "identity.unsubscribe_address", "email", "add",
             "safety.redirect_all_to"}
STEPS = ("list", "csv", "template", "config", "send")


class Refused(Exception):
    """facteur said no, in words."""


class Case:
    def __init__(self, folder, field, value, mode, port):
        self.folder, self.field, self.value, self.mode, self.port = folder, field, value, mode, port
        self.expected = 2

    def get(self, field, usual):
        return self.value if self.field == field else usual

    def write(self, name, text):
        (self.folder / name).write_bytes(text.encode("utf-8", "surrogateescape"))

    def run(self, *args):
        if any("\0" in arg for arg in args):
            raise Refused  # no command line can hold it
        done = subprocess.run([FACTEUR, *(os.fsencode(arg) for arg in args)], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        shown = done.stderr.decode("utf-8", "replace")
        if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", shown):
            raise AssertionError(f"control characters are shown: {shown!r}")
        if done.returncode in REFUSALS and shown.strip():
            raise Refused
        if done.returncode not in (0, 3):
            raise AssertionError(f"{args[:2]}: exit code {done.returncode}: {shown}")
        return done.stdout.decode("utf-8", "replace")

    def config(self):
        doc = json.loads(json.dumps(CONFIG))
        relay = {"type": "smtp", "host": "127.0.0.1", "port": self.port, "tls": "none",
                 "auth": "none"}
        doc["relays"] = {"relay": relay}
        section, _, key = self.field.partition(".")
        if key:
            (relay if section == "relay" else doc[section])[key] = self.value
        # A JSON text is a YAML text; what cannot be UTF-8 is put in as the byte it is.
        text = json.dumps(doc, ensure_ascii=False)
        text = re.sub("[\x7f-\x9f\u2028\u2029\ufeff]", lambda m: f"\\u{ord(m[0]):04x}", text)
        self.write("facteur.yaml", text)

    def list(self):
        self.run("list", "create", self.get("list", "members"), "--title",
                 self.get("title", "Members"), "--address",
                 self.get("list_address", "list@asso.example"))
        if self.field == "add":
            self.run("list", "add", "members", self.value)
            self.expected = 3

    def csv(self):
        cell = lambda text: '"' + text.replace('"', '""') + '"'  # noqa: E731
        head = ["email", "name", "given_name", "code"]
        row = [self.get("email", "v1@example.org"), self.get("name", "Ana Paz"),
               self.get("given_name", "Ana"), self.get("code", "C1")]
        more = ["x"] if self.field in ("column", "map") else []
        if more:
            head.append(self.get("column", "extra"))
            row += more
        file = self.get("file", "rows.csv")
        if self.field == "file" and ("/" in file or "\0" in file or len(file) > 250):
            raise Refused  # no file has such a name
        rows = (head, row, ["v2@example.org", "Zoe Roy", "Zoe", "C2", *more])
        path = os.fsencode(str(self.folder)) + b"/" + os.fsencode(file)
        pathlib.Path(os.fsdecode(path)).write_bytes("".join(
            ",".join(map(cell, r)) + "\r\n" for r in rows).encode("utf-8", "surrogateescape"))
        extra = ["--map", self.value] if self.field == "map" else []
        out = self.run("list", "import", self.get("list", "members"), file, "--json", *extra)
        if json.loads(out.splitlines()[-1])["rejected"]:
            raise Refused

    def template(self):
        front = "".join(f'{key}: "{self.value}"\n' for key in ("from", "reply_to")
                        if self.field == key)
        personal = self.mode == "individual"
        self.write("t.md", TEMPLATE.format(
            subject=self.get("subject", "For {{given_name}}, {{code}}" if personal else "News"),
            preheader=self.get("preheader", "First {{code}}" if personal else "First"),
            front=front, body=PERSONAL if personal else "The hall is closed."))
        self.run("template", "add", self.get("template", "t"), "t.md")

    def send(self):
        if self.field == "reason":
            self.run("suppress", "add", "nobody@example.org", "--reason", self.value)
            self.run("suppress", "list")
        extra = ["--name", self.value] if self.field == "campaign" else []
        extra += ["--set", self.value] if self.field == "set" else []
        out = self.run("send", "--to", self.get("list", "members"), "--template",
                       self.get("template", "t"), "--relay", self.get("relay name", "relay"),
                       "--mode", self.mode, "--yes", "--expect-count", str(self.expected),
                       "--json", "--progress", "none", *extra)
        json.loads(out.splitlines()[-1])
        shows = (("campaign", "list"), ("report", "1"), ("list", "show"))
        for command in shows if self.field not in ADDRESSES else ():
            shown = self.run(*command)
            if re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]", shown):
                raise AssertionError(f"{command}: control characters: {shown!r}")

    def play(self, first):
        for step in STEPS:
            if step != "config" and STEPS.index(step) >= STEPS.index(first):
                getattr(self, step)()


class Elements(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        links = [value.partition(":")[0] for name, value in attrs if name in ("href", "src")]
        self.found.append((tag, tuple(name for name, _ in attrs), tuple(links)))


def shape(message, is_address):
    """All of a message that a payload must not change."""
    raw = message["data"].encode("latin-1")
    head = raw.partition(b"\r\n\r\n")[0]
    lines = head.split(b"\r\n")
    names = tuple(line.partition(b":")[0].decode("latin-1") for line in lines
                  if line[:1] not in b" \t")
    # An address may need SMTPUTF8; nothing else puts a byte above 127 into a header.
    bad = re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]" if is_address
                    else rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xff]", head)
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    boxes = []
    for field in ("From", "To", "Reply-To"):
        found = [a.addr_spec for a in parsed[field].addresses] if parsed[field] else []
        boxes.append(len(found) if is_address or field == "To" else tuple(found))
    parts = tuple(part.get_content_type() for part in parsed.walk())
    elements = tuple(Elements(part.get_content()).found for part in parsed.walk()
                     if part.get_content_type() == "text/html")
    long = max(map(len, raw.split(b"\r\n"))) > 998
    return repr((names, bool(bad), long, boxes, parts, elements))


def outcome(case, relay, is_address):
    """"refused", or what arrived."""
    try:
        return arrived(case, relay, is_address)
    except Exception as wrong:  # also of Python's parser: it must be able to read it all
        return f"wrong: {wrong!r}"


def arrived(case, relay, is_address):
    before = len(relay.accepted())
    try:
        case.play(FIRST[case.field])
    except Refused:
        got = relay.accepted()[before:]
        return "refused" if not got else f"refused, but {len(got)} were sent"
    got = relay.accepted()[before:]
    rcpts = sorted(len(message["rcpts"]) for message in got)
    if not is_address:
        rcpts = sorted(tuple(message["rcpts"]) for message in got)
        rcpts.append(tuple(tokens.plain(message["sender"]) for message in got))
    return repr((rcpts, [shape(message, is_address) for message in got]))


FIRST = {field: step for field, step, _, _ in FIELDS}


class Bench:
    """A relay and the folders that cases start from, for one thread."""

    def __init__(self, number):
        self.folder = WORK / f"thread-{number}"
        self.relay = Relay(self.folder / "relay")
        for mode in ("individual", "bcc"):
            for last in range(len(STEPS)):
                self.base(mode, last)
        self.n = 0

    def base(self, mode, last):
        folder = self.folder / f"base-{mode}-{STEPS[last]}"
        folder.mkdir(parents=True)
        case = Case(folder, "", "", mode, self.relay.port)
        case.config()
        for step in STEPS[:last]:
            if step != "config":
                getattr(case, step)()

    def play(self, field, step, form, mode, payload):
        self.n += 1
        folder = self.folder / f"case-{self.n}"
        shutil.copytree(self.folder / f"base-{mode}-{step}", folder)
        case = Case(folder, field, form.replace("{}", payload), mode, self.relay.port)
        case.config()
        result = outcome(case, self.relay, field in ADDRESSES)
        shutil.rmtree(folder)
        return result


def field_cases(local, row):
    """The payloads of one field: how many, how many refused, and what is wrong."""
    field, _, form, _ = row
    harmless = local.play(*row, HARMLESS)
    wrong, refused = [], 0
    if harmless == "refused" and field not in ("relay name",) or harmless.startswith("wrong"):
        wrong.append(("harmless", harmless))
    for name, payload in PAYLOADS.items():
        got = local.play(*row, payload)
        refused += got == "refused"
        if got not in ("refused", harmless):
            wrong.append((name, got, "harmless: " + harmless))
    return f"{field} = {form} ({row[3]})", len(PAYLOADS), refused, wrong


def main():
    mine, benches = threading.local(), []

    def play(row):
        if not hasattr(mine, "bench"):
            mine.bench = Bench(threading.get_ident())
            benches.append(mine.bench)
        return field_cases(mine.bench, row)

    total = refused = 0
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for what, cases, no, wrong in pool.map(play, FIELDS):
            check(f"{what}: {cases} payloads, {no} refused", not wrong,
                  *(f"{name}: {text}" for name, *more in wrong for text in more))
            total, refused = total + cases, refused + no
    for one in benches:
        with one.relay:
            equal("nothing strange on the wire", one.relay.strange(), [])
    check("at least 300 cases", total >= 300)
    note(f"{total} cases, {refused} refused, {total - refused} arrived unharmed")


bench.play(main)
