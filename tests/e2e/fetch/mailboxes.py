"""See run.sh."""
import collections
import hashlib
import imaplib
import os
import pathlib
import random
import signal
import ssl
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import hostile  # noqa: E402
import pki  # noqa: E402
from bench import check, equal  # noqa: E402
from dovecot import KEY, OAUTH_CONF, PASSWORD, Dovecot, message, token  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
WORK.mkdir(parents=True)
DUMP = pathlib.Path(os.environ["BUILD"]) / "tests/tools/fetch_dump"
LARGE = 100000 if bench.LONG else 10000
KILLS = 50 if bench.LONG else 8
MEMORY_KB = 64 * 1024
if b"__asan_init" in DUMP.read_bytes():
    MEMORY_KB = 1 << 30  # the sanitizer keeps what was freed
AUTHORITY = pki.Authority(WORK / "tls")
AUTHORITY.certificate("server")
AUTHORITY.certificate("other", names="DNS:elsewhere.example")
CONFIG = """identity: {{bounce_address: returns@example.org}}
mailboxes:
  box:
    {{protocol: {protocol}, host: localhost, port: {port}, tls: {tls}, ca_file: {ca},
     username: {user}, password_env: SECRET{more}}}
"""


class Box:
    """A mailbox as configured, with a journal of what was had from it."""

    def __init__(self, server, user, protocol="imaps", more="", name=None):
        self.folder = WORK / (name or f"{server.folder.name}-{user}-{protocol}")
        self.folder.mkdir()
        self.config, self.journal = self.folder / "facteur.yaml", self.folder / "journal"
        plain = protocol in ("imap", "pop3")
        self.config.write_text(CONFIG.format(
            protocol=protocol.rstrip("s"), port=server.port[protocol],
            tls="starttls" if plain else "implicit", ca=AUTHORITY.pem, user=user, more=more))
        self.environment = {**os.environ, "SECRET": PASSWORD}
        self.peak = 0

    def command(self, fate, *more):
        return [DUMP, self.config, "box", self.journal, fate, *map(str, more)]

    def run(self, fate="leave", *more):
        done = subprocess.run(["/usr/bin/time", "-f", "peak %M", *self.command(fate, *more)],
                              env=self.environment, capture_output=True, text=True, check=False)
        self.peak = max([self.peak, *(int(line.split()[1]) for line in done.stderr.splitlines()
                                      if line.startswith("peak "))])
        self.said = done.stdout + done.stderr
        return done

    def had(self):
        if not self.journal.exists():
            return []
        return [line.split()[1:] for line in self.journal.read_text().splitlines()
                if line.startswith("M ")]

    def hashes(self):
        return collections.Counter(entry[2] for entry in self.had())

    def cursor(self):
        return [line for line in self.journal.read_text().splitlines() if line.startswith("C ")][-1]


def hash_of(text):
    """As a server hands it out: with CRLF."""
    return hashlib.sha256(text.replace(b"\n", b"\r\n")).hexdigest()


def wanted(messages):
    return collections.Counter(map(hash_of, messages))


def each_once(name, box, messages, code=0):
    done = box.run()
    equal(f"{name}: exit code", done.returncode, code, box.said)
    check(f"{name}: each message once", box.hashes() == wanted(messages), box.said)


def lie_in(maildir):
    return [path for part in ("new", "cur") for path in (maildir / part).glob("*")]


def seen_of(box):
    return sorted(p.name.split(":2,")[-1] for p in (box / "cur").iterdir())


# --- small mailboxes -------------------------------------------------------------------------

SERVER = Dovecot(WORK / "dovecot", WORK / "tls")
HASHES = Dovecot(WORK / "scram", WORK / "tls", mechanisms="scram-sha-256 cram-md5")
OLD = Dovecot(WORK / "old", WORK / "tls", more="""
protocol imap {
  imap_capability = IMAP4rev1 UIDPLUS NAMESPACE
}
namespace inbox {
  inbox = yes
  prefix = INBOX.
  separator = .
}
""")
BARE = Dovecot(WORK / "bare", WORK / "tls", more="""
protocol imap {
  imap_capability = IMAP4rev1
}
""")
OAUTH = Dovecot(WORK / "oauth", WORK / "tls", mechanisms="xoauth2 oauthbearer",
                more=OAUTH_CONF.format(folder=WORK / "oauth"))
MBOX = Dovecot(WORK / "mbox", WORK / "tls", mail="mbox:~/mail:INBOX=~/inbox")
OTHER = Dovecot(WORK / "other", WORK / "tls", certificate="other")
CLEAR = Dovecot(WORK / "clear", WORK / "tls", ssl="no", secure="no")


def protocols():
    messages = [message(i) for i in range(40)] + [
        message(90).replace(b"Body", b".\n..\n.dots\n\nFrom here\nBody"), b"\n", b"no header\n",
        message(91, 3000000), b"Subject: 8-bit\n\n" + bytes(range(128, 256)) + b"\n"]
    home = SERVER.user("protocols")
    box = SERVER.maildir(home, messages)
    for protocol in ("imaps", "imap", "pop3s", "pop3"):
        if protocol == "pop3s":  # by POP3 it is the server that marks what it hands out
            check("reading by IMAP marks nothing as seen",
                  all("S" not in p.name for p in (box / "cur").iterdir()), SERVER.log())
        each_once(protocol, Box(SERVER, "protocols", protocol), messages)


def again():
    messages = [message(i) for i in range(300)]
    SERVER.maildir(SERVER.user("again"), messages)
    for protocol in ("imaps", "pop3s"):
        box = Box(SERVER, "again", protocol)
        each_once(f"{protocol}, first", box, messages)
        box.run()
        if protocol == "imaps":
            check("imaps, again: nothing is loaded", "new 0 again 0 total 0" in box.said, box.said)
        box.journal.write_text("".join(
            line for line in box.journal.read_text().splitlines(True) if line.startswith("M ")))
        each_once(f"{protocol}, without its cursor", box, messages)
    SERVER.maildir(WORK / "dovecot/home/again", [message(1000)], ["1800000000.M1P1.test"])
    box = Box(SERVER, "again", name="more")
    box.journal.write_text((WORK / "dovecot-again-imaps/journal").read_text())
    each_once("one more", box, messages + [message(1000)])
    check("one more: only that one is listed", "new 1 again 300" in box.said or
          "total 1" in box.said, box.said)


def logins():
    for protocol in ("imaps", "pop3s"):
        HASHES.maildir(HASHES.user(f"hash-{protocol}"), [message(1)])
        each_once(f"{protocol}, SCRAM", Box(HASHES, f"hash-{protocol}", protocol), [message(1)])
        box = Box(SERVER, "protocols", protocol, name=f"wrong-{protocol}")
        box.environment["SECRET"] = "wr0ng-canary"
        done = box.run()
        equal(f"{protocol}, wrong password: exit code", done.returncode, 69, box.said)
        check(f"{protocol}, wrong password: said so", "refused the user name or the password"
              in box.said, box.said)
        check(f"{protocol}, wrong password: it is not shown", "canary" not in box.said, box.said)
        check(f"{protocol}: the password is not in the log", "c4nary" not in SERVER.log())


def tokens():
    """OAuth: the token comes from token_command, and a stale one is no secret either."""
    for kind in ("xoauth2", "oauthbearer"):
        for protocol in ("imaps", "imap", "pop3s"):
            if protocol == "imaps":
                OAUTH.maildir(OAUTH.user(f"{kind}@lists.example"), [message(1)])
            for good in (True, False):
                name = f"token-{kind}-{protocol}-{good}"
                box = Box(OAUTH, f"{kind}@lists.example", protocol, name=name, more=(
                    f", auth: {kind}, token_command: [./token]"))
                box.config.write_text(box.config.read_text().replace("password_env: SECRET, ", ""))
                script = box.folder / "token"
                value = token(f"{kind}@lists.example", KEY if good else b"another key")
                script.write_text(f"#!/bin/sh\necho {value}\n")
                script.chmod(0o700)
                box.config.write_text(box.config.read_text().replace("./token", str(script)))
                if good:
                    each_once(f"{kind}, {protocol}", box, [message(1)])
                    continue
                equal(f"{kind}, {protocol}, stale: exit code", box.run().returncode, 69, box.said)
                check(f"{kind}, {protocol}, stale: said so",
                      "the user name or the access token" in box.said, box.said)
                check(f"{kind}, {protocol}, stale: it is not shown", value[-40:] not in box.said)


def refused_connections():
    for protocol, port in (("imap", "imap"), ("pop3", "pop3")):
        box = Box(CLEAR, "nobody", protocol)
        done = box.run()
        equal(f"{protocol} without STARTTLS: exit code", done.returncode, 69, box.said)
        check(f"{protocol} without STARTTLS: said so",
              "does not offer STARTTLS" in box.said and port in box.config.read_text(), box.said)
        check(f"{protocol} without STARTTLS: no login was tried",
              "Login" not in CLEAR.log() and "auth failed" not in CLEAR.log(), CLEAR.log())
    for protocol in ("imaps", "imap", "pop3s", "pop3"):
        box = Box(SERVER, "protocols", protocol, name=f"stranger-{protocol}")
        text = box.config.read_text().replace(str(AUTHORITY.pem), "/etc/ssl/certs/ca-certificates.crt")
        box.config.write_text(text)
        done = box.run()
        equal(f"{protocol}, unknown authority: exit code", done.returncode, 69, box.said)
        check(f"{protocol}, unknown authority: said so", "certificate" in box.said, box.said)
        box = Box(SERVER, "protocols", protocol, name=f"name-{protocol}")
        box.config.write_text(box.config.read_text().replace("host: localhost", "host: 127.0.0.2"))
        done = box.run()
        check(f"{protocol}, nobody there: said so", done.returncode == 75 and
              "refused" in box.said, box.said)


def folders():
    messages = [message(i) for i in range(30)]
    for server, name in ((SERVER, "move"), (OLD, "copy"), (BARE, "mark")):
        home = server.user(name)
        maildir = server.maildir(home, messages)
        box = Box(server, name)
        done = box.run("Facteur/Absences d'été & Co")
        equal(f"{name}: exit code", done.returncode, 0, box.said)
        check(f"{name}: each message once", box.hashes() == wanted(messages), box.said)
        left = len(lie_in(maildir))
        moved = maildir / ".Facteur.Absences d'&AOk-t&AOk- &- Co"
        if name == "mark":
            equal("mark: all stay", left, 30, box.said)
            equal("mark: all are seen", seen_of(maildir), ["S"] * 30)
            check("mark: it is told why", "cannot move messages" in box.said, box.said)
        else:
            equal(f"{name}: none is left", left, 0, box.said)
            equal(f"{name}: all are there", len(lie_in(moved)), 30)
            box = Box(server, name, name=f"{name}-back",
                      more=', folder: "Facteur/Absences d\'été & Co"')
            each_once(f"{name}: and can be read there", box, messages)
    seen = SERVER.maildir(SERVER.user("seen"), messages)
    Box(SERVER, "seen").run("seen")
    equal("seen: all are marked", seen_of(seen), ["S"] * 30)
    box = Box(SERVER, "seen", name="missing", more=", folder: No/Such")
    equal("a folder that is not there: exit code", box.run().returncode, 78, box.said)


def others_mail_stays():
    """What somebody else marked as deleted is his to expunge, also where we must do it by hand."""
    names = [f"17000{i:05d}.M1P1.test" for i in range(10)]
    home = OLD.user("deleted")
    maildir = OLD.maildir(home, [message(i) for i in range(10)], names)
    for i in (2, 5):
        (maildir / "new" / names[i]).rename(maildir / "cur" / f"{names[i]}:2,T")
    box = Box(OLD, "deleted")
    box.run("Away", 1)
    left = sorted(path.name for path in lie_in(maildir))
    equal("UID EXPUNGE takes only what was moved", len(left), 9, left, box.said)


def numbers():
    """UIDs far apart, another UIDVALIDITY, messages that vanish."""
    names = [f"17000{i:05d}.M1P1.test" for i in range(60)]
    messages = [message(i) for i in range(60)]
    uids = [1 + i * 71582000 for i in range(60)]
    home = SERVER.user("sparse")
    maildir = SERVER.maildir(home, messages, names)
    SERVER.uidlist(maildir, 77, uids, names)
    box = Box(SERVER, "sparse")
    began = time.monotonic()
    each_once("sparse UIDs", box, messages)
    check("sparse UIDs: at once", time.monotonic() - began < 10)
    equal("sparse UIDs: they are the server's", sorted(int(e[1]) for e in box.had()), uids)
    equal("sparse UIDs: cursor", box.cursor(), f"C imap:77 {uids[-1]}")
    for i in range(20):  # somebody deletes the first ones
        for part in ("new", "cur"):
            for path in (maildir / part).glob(names[i] + "*"):
                path.unlink()
    box.run()
    check("deleted before: nothing new", "new 0 again 0" in box.said, box.said)
    SERVER.uidlist(maildir, 78, list(range(1, 41)), names[20:])
    box.run()
    check("UIDVALIDITY changed: all are new", "new 40" in box.said, box.said)
    equal("UIDVALIDITY changed: the space changed",
          collections.Counter(e[0] for e in box.had()), {"imap:77": 60, "imap:78": 40})


# --- mailbox test ----------------------------------------------------------------------------

def probe(name, box, code, *texts):
    """`facteur mailbox test` exits with that code and says each of the texts."""
    done = subprocess.run([bench.FACTEUR, "--config", box.config, "mailbox", "test", "box"],
                          env=box.environment, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    flat = " ".join(said.split())
    equal(f"mailbox test, {name}: exit code", done.returncode, code, said)
    for text in texts:
        check(f"mailbox test, {name}: {text}", text in flat, said)
    check(f"mailbox test, {name}: no secret", "anary" not in said and "c4nary" not in said, said)


def tested():
    for server in (SERVER, BARE):
        server.maildir(server.user("tested"), [message(i) for i in range(3)])
    for protocol in ("imaps", "imap", "pop3s", "pop3"):
        probe(protocol, Box(SERVER, "tested", protocol), 0, "TLSv1.3", "issued by test authority",
              "the server accepts tested and the password", "3 messages lie there",
              "whether mail to returns+test@example.org arrives")
    probe("folders", Box(SERVER, "tested", more=", move: {bounce: Some/Where}", name="t-move"), 0,
          "INBOX can be read; there are: INBOX", "are made when the first message is moved there: "
          "Some/Where")
    probe("no folder", Box(SERVER, "tested", more=", folder: Nix", name="t-folder"), 69,
          "there is no folder Nix", "write as folder one of these: INBOX")
    probe("cannot move", Box(BARE, "tested", more=", move: {bounce: A}", name="t-bare"), 0,
          "cannot move messages safely")
    for protocol in ("imaps", "pop3"):
        box = Box(SERVER, "tested", protocol, name=f"t-wrong-{protocol}")
        box.environment["SECRET"] = "wr0ng-canary"
        probe(f"wrong password, {protocol}", box, 69, "refused the user name or the password",
              "It was tried once only")
        box = Box(SERVER, "tested", protocol, name=f"t-authority-{protocol}")
        box.config.write_text(box.config.read_text().replace(
            str(AUTHORITY.pem), "/etc/ssl/certs/ca-certificates.crt"))
        probe(f"unknown authority, {protocol}", box, 69, "does not trust: test authority")
    probe("no STARTTLS", Box(CLEAR, "tested", "imap", name="t-clear"), 69,
          "offers no encryption on port", "no password is sent in clear text")
    for name, old, new, said in (
            ("implicit there", "starttls", "implicit", "begins in clear text"),
            ("starttls there", "implicit", "starttls", "wants encryption from the first moment")):
        box = Box(SERVER, "tested", "imap" if old == "starttls" else "imaps", name=f"t-{new}")
        box.config.write_text(box.config.read_text().replace(f"tls: {old}", f"tls: {new}"))
        probe(name, box, 69, said)
    box = Box(SERVER, "tested", "imap", name="t-pop3")
    box.config.write_text(box.config.read_text().replace(
        str(SERVER.port["imap"]), str(SERVER.port["pop3"])))
    probe("POP3 in the place of IMAP", box, 69, "speaks POP3, not IMAP")
    box = Box(OTHER, "tested", name="t-name")
    probe("another name", box, 69, "it is for elsewhere.example", "not for localhost")


# --- servers that lie ------------------------------------------------------------------------

def lied_to():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(AUTHORITY.folder / "server.pem", AUTHORITY.folder / "server.key")

    def box(name, port, protocol, tls):
        made = Box(SERVER, "nobody", protocol + "s", name="h-" + name.replace(" ", "-"))
        made.config.write_text(CONFIG.format(protocol=protocol, port=port, tls=tls,
                                             ca=AUTHORITY.pem, user="nobody", more=""))
        return made

    hostile.play(box, context, PASSWORD)


# --- files -----------------------------------------------------------------------------------

class Files(Box):
    def __init__(self, name, protocol, path):
        self.folder = WORK / f"files-{name}"
        self.folder.mkdir()
        self.config, self.journal = self.folder / "facteur.yaml", self.folder / "journal"
        self.config.write_text(f"mailboxes:\n  box: {{protocol: {protocol}, path: {path}}}\n")
        self.environment, self.peak = dict(os.environ), 0

    def path(self, path, journal, text=None):
        done = subprocess.run([DUMP, "-", path, self.folder / journal, "leave"], input=text,
                              capture_output=True, check=False)
        self.journal = self.folder / journal
        self.said = (done.stdout + done.stderr).decode()
        return done


def as_they_are(messages):
    return collections.Counter(hashlib.sha256(text).hexdigest() for text in messages)


def maildirs():
    messages = [message(i) for i in range(50)]
    maildir = WORK / "maildir"
    for part in ("new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True)
    for i, text in enumerate(messages):
        name = f"17000{i:05d}.M1P1.test" + ("" if i % 2 else ":2,R")
        (maildir / ("new" if i % 2 else "cur") / name).write_bytes(text)
    (WORK / "outside").write_text("not of this mailbox")
    (maildir / "new" / "link").symlink_to(WORK / "outside")
    os.mkfifo(maildir / "cur" / "pipe:2,")
    (maildir / "cur" / "folder:2,").mkdir()
    (maildir / "new" / ".hidden").write_text("x")
    (maildir / "tmp" / "unfinished").write_text("x")
    odd = os.fsencode(str(maildir)) + b"/new/\xff\n odd"
    with open(odd, "wb") as out:
        out.write(message(99))
    messages.append(message(99))
    box = Files("m-leave", "maildir", maildir)
    equal("Maildir: exit code", box.run().returncode, 0, box.said)
    check("Maildir: each message once", box.hashes() == as_they_are(messages), box.said)
    box.run("seen")
    check("Maildir: all are marked", all(p.name.endswith((":2,RS", ":2,S"))
                                         for p in (maildir / "cur").iterdir()
                                         if p.is_file() and not p.is_fifo()),
          [p.name for p in (maildir / "cur").iterdir()])
    box.run()
    check("Maildir: the same ones still", "new 0 again 51" in box.said, box.said)
    box.run("Gone/Été")
    there = [p for p in (maildir / ".Gone.&AMk-t&AOk-" / "cur").iterdir()]
    equal("Maildir: all are moved", len(there), 51, box.said)
    check("Maildir: a folder of Maildir++", (maildir / ".Gone.&AMk-t&AOk-/maildirfolder").exists())
    equal("Maildir: what is no message stays",
          sorted(p.name for p in lie_in(maildir)), [".hidden", "folder:2,", "link", "pipe:2,"])
    box.run("../../up")
    check("Maildir: no folder outside of it", not (WORK.parent / "up").exists())


def mboxes():
    messages = [message(i) for i in range(30)] + [message(3)]
    path = WORK / "an.mbox"

    def write(some):
        path.write_bytes(b"".join(
            b"From a@example.org Thu Nov 26 10:00:00 2026\n" + text + b"\n" for text in some))

    write(messages)
    box = Files("mbox", "mbox", path)
    equal("mbox: exit code", box.run().returncode, 0, box.said)
    check("mbox: each message once, the same ones as often as they are there",
          box.hashes() == as_they_are(messages), box.said)
    write(messages[5:] + [message(200)])
    box.run()
    check("mbox: some taken away, one added: one is new", "new 1 again 26" in box.said or
          "new 1 again 25" in box.said, box.said)
    equal("mbox: it is not touched", path.read_bytes().count(b"From a@"), 27)
    import fcntl
    with open(path, "r+b") as writer:
        fcntl.lockf(writer, fcntl.LOCK_EX)
        locked = Files("locked", "mbox", path)
        equal("mbox: somebody writes to it", locked.run().returncode, 75, locked.said)
    single = WORK / "one.eml"
    single.write_bytes(message(1))
    for name, where, text, want in (
            ("a file", single, None, [message(1)]), ("stdin", "-", message(2), [message(2)]),
            ("an mbox on stdin", "-", path.read_bytes(), messages[5:] + [message(200)]),
            ("an mbox", path, None, messages[5:] + [message(200)]),
            ("nothing on stdin", "-", b"", [])):
        done = box.path(where, name.replace(" ", "-"), text)
        equal(f"{name}: exit code", done.returncode, 0, box.said)
        check(f"{name}: each message once", box.hashes() == as_they_are(want), box.said)
    large = WORK / "large.eml"
    with open(large, "wb") as out:
        out.write(b"Subject: large\n\n")
        out.truncate(40 << 20)
    box.path(large, "large")
    check("a message of 40 MB is cut", "33554432 cut" in box.journal.read_text(), box.said)
    equal("what is not there", box.path(WORK / "nix", "nix").returncode, 66, box.said)


# --- many messages ---------------------------------------------------------------------------

def large():
    messages = [message(i) for i in range(LARGE)]
    MBOX.mbox(MBOX.user("large"), messages)
    box = Box(MBOX, "large")
    began = time.monotonic()
    each_once(f"IMAP, {LARGE} messages", box, messages)
    took = time.monotonic() - began
    check(f"IMAP, {LARGE} messages: peak below 64 MB", box.peak < MEMORY_KB, f"{box.peak} KB")
    bench.note(f"IMAP: {LARGE / took:.0f} messages/s, peak {box.peak} KB (the journal in it)")
    few = messages[:10000]
    MBOX.mbox(MBOX.user("pop"), few)
    box = Box(MBOX, "pop", "pop3s")
    began = time.monotonic()
    each_once(f"POP3, {len(few)} messages", box, few)
    took = time.monotonic() - began
    check(f"POP3, {len(few)} messages: peak below 64 MB", box.peak < MEMORY_KB, f"{box.peak} KB")
    bench.note(f"POP3: {len(few) / took:.0f} messages/s, peak {box.peak} KB")


def deleted_under_way():
    """Somebody else deletes one message after the other while the folder is read."""
    count = 4000
    messages = [message(i) for i in range(count)]
    SERVER.maildir(SERVER.user("vanish"), messages)
    gone = threading.Event()

    def delete():
        context = ssl.create_default_context(cafile=AUTHORITY.pem)
        with imaplib.IMAP4_SSL("localhost", SERVER.port["imaps"], ssl_context=context) as other:
            other.login("vanish", PASSWORD)
            other.select()
            for uid in random.Random(1).sample(range(1, count + 1), count // 4):
                other.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Deleted)")
                other.uid("EXPUNGE", str(uid))
                if gone.is_set():
                    break

    box = Box(SERVER, "vanish", more=", move: {bounce: Away}")
    other = threading.Thread(target=delete)
    other.start()
    done = box.run("Away")
    gone.set()
    other.join()
    equal("deleted under way: exit code", done.returncode, 0, box.said)
    had, all_of_them = box.hashes(), wanted(messages)
    check("deleted under way: none twice, none that was not there", not had - all_of_them,
          [entry for entry in box.had() if entry[2] in had - all_of_them])
    bench.note(f"deleted under way: {count - sum(had.values())} of {count} were gone before")
    last = Box(SERVER, "vanish", name="vanish-rest")
    last.run()
    left = last.hashes() - had
    check("deleted under way: none that stayed was passed over", not left, left.most_common(3))
    check("deleted under way: some were gone", sum(had.values()) < count, box.said)


def giant():
    """A message longer than is kept: its beginning is had, and the next one whole."""
    SERVER.maildir(SERVER.user("giant"), [message(1, 40 << 20), message(2)])
    for protocol in ("imaps", "pop3s"):
        box = Box(SERVER, "giant", protocol)
        equal(f"{protocol}, 40 MB: exit code", box.run().returncode, 0, box.said)
        equal(f"{protocol}, 40 MB: cut", sorted(entry[3:] for entry in box.had())[1:],
              [["33554432", "cut"]], box.had())
        check(f"{protocol}, 40 MB: peak below 64 MB", box.peak < MEMORY_KB, f"{box.peak} KB")
        bench.note(f"{protocol}, 40 MB: peak {box.peak} KB")


def killed(protocol, fate, count):
    rng = random.Random(4)
    user = f"kill-{protocol}-{fate.lower()}"
    messages = [message(i) for i in range(count)]
    expected = wanted(messages)
    maildir = SERVER.maildir(SERVER.user(user), messages)
    if protocol == "maildir":
        box, expected = Files(user, "maildir", maildir), as_they_are(messages)
    else:
        box = Box(SERVER, user, protocol, more=", move: {bounce: Away}" if fate == "Away" else "")
    kills = 0
    per_run = max(1, count // KILLS)
    for i in range(KILLS):
        goal = min(count - 1, len(box.had()) + rng.randrange(1, 2 * per_run))
        process = subprocess.Popen(box.command(fate), env=box.environment,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        size = goal * 90
        while process.poll() is None and (
                not box.journal.exists() or box.journal.stat().st_size < size):
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
    done = box.run(fate)
    name = f"{protocol}, {fate}, {kills} kills of {KILLS}"
    equal(f"{name}: the last run ends well", done.returncode, 0, box.said)
    got = box.hashes()
    check(f"{name}: none is lost", not expected - got, box.said)
    check(f"{name}: none is doubled", not got - expected, (got - expected).most_common(3))
    equal(f"{name}: each id once", len({tuple(e[:2]) for e in box.had()}), count)
    check(f"{name}: it was killed under way", kills > KILLS // 2)
    if fate == "seen":
        equal(f"{name}: all are marked", collections.Counter(seen_of(maildir)), {"S": count})
    elif fate == "Away":
        equal(f"{name}: all are moved", len(lie_in(maildir / ".Away")), count)
    bench.note(f"{name}: {count} messages")


def kills():
    count = 20 * KILLS if not bench.LONG else 5000
    killed("imaps", "seen", count)
    killed("imaps", "Away", count)
    killed("pop3s", "leave", count)
    killed("maildir", "seen", 10 * count)
    killed("maildir", "Away", 10 * count)


with SERVER, HASHES, OLD, BARE, MBOX, OAUTH, OTHER, CLEAR:
    bench.play(protocols, again, logins, tokens, refused_connections, folders, others_mail_stays, numbers,
               tested, lied_to, maildirs, mboxes, deleted_under_way, giant, large, kills)
