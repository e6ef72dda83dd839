"""Sends through the Postfix that run.sh has started, and reads what it delivered."""
import contextlib
import email
import email.policy
import json
import pathlib
import re
import sqlite3
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
import tokens  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402

WORK, PORT, POSTFIX = pathlib.Path(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
MEMBERS, BATCH = 120, 40
CONFIG = bench.CONFIG.replace("host: 127.0.0.1", "host: localhost").replace(
    "tls: none", f"tls: starttls, ca_file: {POSTFIX}/tls/ca.pem")
HEADERS = {"message/global-headers": "text/rfc822-headers"}  # where an address is not ASCII
# What the servers on the way put on top.
ADDED = {"return-path", "x-original-to", "delivered-to", "received"}
ACCENTS = "\u00c9lo\u00efse \U0001f33a N'D\u00e9"


def delivered():
    return list((POSTFIX / "mail" / "all" / "new").glob("*"))


def fields(raw):
    """The header lines that are ours, folded as they are."""
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = []
    for line in head.split(b"\n"):
        if line[:1] in b" \t" and lines:
            lines[-1] += b"\n" + line
        else:
            lines.append(line)
    return [l for l in lines if l.partition(b":")[0].decode().lower() not in ADDED], body


def defects(raw):
    message = email.message_from_bytes(raw, policy=email.policy.strict)
    found = [d for part in message.walk() for d in part.defects]
    return found + [d for name in message.keys() for d in message[name].defects]


def through(what, template, mode):
    for file in delivered():
        file.unlink()
    folder = WORK / what
    f = Facteur(folder, PORT, f"recipients_per_message: {BATCH}", config=CONFIG)
    f.members([(a, ACCENTS, c) for a, _, c in bench.members(MEMBERS)])
    campaign, count = f.prepare(template, mode)
    done = f.send(campaign, count)
    equal(f"{what}: exit 0", done.returncode, 0, done.stderr)
    bench.wait_until("all are delivered", lambda: len(delivered()) >= MEMBERS, 60)
    raws = [file.read_bytes() for file in delivered()]
    to = [email.message_from_bytes(raw)["X-Original-To"] or
          email.message_from_bytes(raw)["Delivered-To"] for raw in raws]
    oracle.verdict(what, f, campaign, to, MEMBERS, done)
    equal(f"{what}: each mailbox got one", Counter(to),
          Counter(a for a, _, _ in bench.members(MEMBERS)))
    unchanged(what, f, campaign, template, mode, raws)
    equal(f"{what}: no defects by Python's strict parser", [d for r in raws for d in defects(r)],
          [])
    check(f"{what}: TLS was used", all(b"with ESMTPS" in raw for raw in raws), raws[0][:800])
    identities(what, f, campaign, mode, raws)


def identities(what, f, campaign, mode, raws):
    senders = [email.message_from_bytes(raw)["Return-Path"] for raw in raws]
    equal(f"{what}: Return-Path is the bounce address with a token",
          {tokens.plain(sender) for sender in senders}, {"<returns@asso.example>"})
    facts = [tokens.facts(s, raw, tokens.keys(f.folder)) for s, raw in zip(senders, raws)]
    if mode == "bcc":
        equal(f"{what}: and Message-ID and our field, without a contact",
              facts, [{("return", campaign, 0), ("message", campaign, 0)}] * MEMBERS)
        return
    contacts = {next(iter(fact))[2] for fact in facts if None not in fact}
    equal(f"{what}: and Message-ID and our field, each of another contact, as what unsubscribes",
          (len(contacts), 0 in contacts, facts),
          (MEMBERS, False, [{(purpose, campaign, next(iter(fact))[2])
                             for purpose in ("return", "message", "unsubscribe")} for fact in facts]))


def unchanged(what, f, campaign, template, mode, raws):
    """The same campaign into the outbox: but Date, Message-ID and tokens it is what Postfix gave."""
    other, count = f.prepare(template, mode, relay="outbox")
    f.send(other, count)
    mine = [file.read_bytes() for file in (f.folder / "outbox" / "new").iterdir()]
    equal(f"{what}: headers and bodies are as they left",
          {steady(raw) for raw in raws}, {steady(raw) for raw in mine})


def steady(raw):
    """All but what differs from one campaign to the next."""
    lines, body = fields(raw)
    boundary = email.message_from_bytes(raw).get_boundary()
    kept = [line for line in lines
            if line.partition(b":")[0].lower() not in (b"date", b"message-id", b"x-facteur-token")]
    text = re.sub(rb"(=unsubscribe%20)\w+", rb"\1TOKEN", b"\n".join(kept)) + b"\n\n" + body
    return text.replace(boundary.encode(), b"BOUNDARY").rstrip(b"\n")


def individual():
    through("individual", "personal", "individual")


def bcc():
    through("bcc", "plain", "bcc")


def refused_certificate():
    """The authority of the system does not know this relay: not a byte of mail."""
    f = Facteur(WORK / "untrusted", PORT, config=CONFIG.replace(
        f", ca_file: {POSTFIX}/tls/ca.pem", ""))
    f.members(bench.members(3))
    campaign, count = f.prepare("personal", "individual")
    done = f.send(campaign, count)
    equal("unknown authority: exit 69, all still to do",
          (done.returncode, f.totals(campaign)["pending"]), (69, 3), done.stderr)


def tried():
    """facteur relay test against a real server: it is ready, and nothing was mailed."""
    before = len(delivered())
    f = Facteur(WORK / "tried", PORT, config=CONFIG)
    done = f.run("relay", "test", "relay", "--json")
    doc = json.loads(done.stdout)
    check("relay test: Postfix is ready", done.returncode == 0 and doc["ready"]
          and doc["tls"]["issuer"] == "test authority" and doc["abilities"]["pipelining"]
          and doc["speed"]["round_trip_ms"] > 0, done.stdout, done.stderr)
    equal("relay test: nothing was mailed", len(delivered()), before)


def reported():
    """Postfix takes the original recipient, in both its forms, and gives it back in its report
    word by word ("rfc822;" without a blank: its own one has a blank there)."""
    before = set(delivered())
    f = Facteur(WORK / "reported", PORT, config=CONFIG.replace("@asso.example", "@example.org"))
    people = "ana+news=1@example.net", "\u00e9lan+x@example.net"
    f.members([(address, "Ana", "1") for address in people])
    campaign, count = f.prepare("personal", "individual")
    done = f.send(campaign, count)
    equal("original recipient: accepted", (done.returncode, f.totals(campaign)["accepted"]), (0, 2),
          *map(str, f.recipients(campaign)))

    def reports():
        return [text for file in set(delivered()) - before
                if b"-delivery-status" in (text := file.read_bytes())
                or b"/delivery-status" in text]

    bench.wait_until("both reports are there", lambda: len(reports()) >= 2, 60)
    quoted = [line.decode() for text in reports() for line in text.splitlines()
              if line.lower().startswith(b"original-recipient:")]
    equal("original recipient: quoted in the report", sorted(quoted),
          [f"Original-Recipient: rfc822;{people[0]}", f"Original-Recipient: utf-8;{people[1]}"])
    equal("reports: each came back to a token that names its contact, and quotes it twice more",
          sorted(map(repr, (identity(f, text) for text in reports()))),
          sorted(repr(("failed", campaign, contact, "text/rfc822-headers"))
                 for contact in contacts(f).values()))


def contacts(f):
    with contextlib.closing(sqlite3.connect(f.folder / "facteur.db")) as db:
        return dict(db.execute("SELECT address, id FROM contact"))


def identity(f, report):
    """What became of it, whose it was, and what is quoted; None where tokens are missing or
    name somebody else."""
    message = email.message_from_bytes(report)
    told = report.replace(b"\r\n", b"\n")
    found = (re.search(rb"^X-Original-To: returns\+(\w+)@example.org$", told, re.M),
             re.search(rb"^Original-Envelope-Id: (\w+)\.[a-z2-7]{16}$", told, re.M),
             re.search(rb"^Message-ID: <(\w+)\.[a-z2-7]{16}@example.org>$", told, re.M),
             re.search(rb"^X-Facteur-Token: (\w+)$", told, re.M))
    facts = [hit and tokens.read(hit[1].decode(), tokens.keys(f.folder)) for hit in found]
    if None in facts or [fact[0] for fact in facts] != ["return", "message", "message", "return"]:
        return None
    fact, *others = {fact[1:] for fact in facts}
    if others:
        return None
    action = re.search(rb"^Action: (\w+)$", told, re.M)[1].decode()
    quoted = message.get_payload()[-1].get_content_type()
    return action, *fact, HEADERS.get(quoted, quoted)


def delivered_too():
    """A report of each delivery comes where it is asked for, and there only."""
    for what, more, option in (("--notify-success", "", ["--notify-success"]),
                               ("notify_success: true", "notify_success: true", []),
                               ("nothing", "", [])):
        before = set(delivered())
        f = Facteur(WORK / f"success-{what.strip('-')[:9]}", PORT, more,
                    config=CONFIG.replace("@asso.example", "@example.org"))
        f.members([("good@example.org", "Ana", "1"), ("gone@example.net", "Bob", "2")])
        campaign, count = f.prepare("personal", "individual", *option)
        f.send(campaign, count)
        asked = what != "nothing"

        def reports():
            return [text for file in set(delivered()) - before
                    if b"delivery-status" in (text := file.read_bytes())]
        # The failure is reported in any case, and last: the other one is delivered at once.
        bench.wait_until("all reports are there",
                         lambda: len([r for r in reports() if b"Action: failed" in r]) == 1 and
                         len(reports()) >= 1 + asked, 60)
        equal(f"{what}: reports", sorted(identity(f, text)[:3] for text in reports()),
              sorted([("failed", campaign, contacts(f)["gone@example.net"])] +
                     [("delivered", campaign, contacts(f)["good@example.org"])] * asked))


bench.play(tried, individual, bcc, refused_certificate, reported, delivered_too)
