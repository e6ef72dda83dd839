"""facteur against aiosmtpd: what is in the envelopes, in the messages, in the report."""
import contextlib
import email
import email.policy
import json
import pathlib
import re
import sqlite3
import sys
from collections import Counter

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import tokens  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
BATCH = 37
ADDRESS = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+")
SECRET = re.compile(r"Zo\u00e9\d{5}|K\d{5}Q")
VERDICTS = {"gone": "550 5.1.1 No such mailbox here", "later": "451 4.3.0 Come back later",
            "full": "452 4.2.2 Mailbox full", "nine": "554 5.7.1 Not wanted here",
            "bare": "550 no status, just words"}


class Keeper:
    """Keeps envelopes; mail_reply answers MAIL when it is set; with lose it keeps them and hangs
    up before its answer."""

    def __init__(self, mail_reply=None, lose=False):
        self.taken, self.verdicts, self.commands = [], {}, Counter()
        self.mail_reply, self.lose = mail_reply, lose

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.commands["MAIL"] += 1
        if self.mail_reply:
            return self.mail_reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.commands["RCPT"] += 1
        for start, reply in VERDICTS.items():
            if address.startswith(start):
                self.verdicts[address] = reply
                return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server, session, envelope):
        self.commands["DATA"] += 1
        self.taken.append((envelope.mail_from, tuple(envelope.rcpt_tos),
                           envelope.original_content))
        if self.lose:
            server.transport.abort()
        for address in envelope.rcpt_tos:
            self.verdicts[address] = "250 2.6.0 Taken"
        return "250 2.6.0 Taken"


class Peer(Controller):
    """On a port the kernel chose."""

    def __init__(self, keeper, size=None):
        self.size = size
        super().__init__(keeper, hostname="127.0.0.1", port=0)

    def factory(self):
        return SMTP(self.handler, data_size_limit=self.size, enable_SMTPUTF8=True,
                    hostname="relay.example", ident="ESMTP")

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()


def texts(raw):
    """The message as anyone could read it: raw, joined, and every part decoded."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    out = [raw.decode("latin-1"), raw.replace(b"=\r\n", b"").decode("latin-1")]
    out += [f"{name}: {value}" for name, value in message.items()]
    for part in message.walk():
        if not part.is_multipart():
            out.append(part.get_payload(decode=True).decode("utf-8"))
    return out


def found(pattern, raw):
    return {hit for text in texts(raw) for hit in pattern.findall(text)}


def blind_copies():
    keeper, rows = Keeper(), bench.members(1000)
    wanted = Counter(address for address, _, _ in rows)
    with Peer(keeper) as peer:
        f = Facteur(WORK / "bcc", peer.port, f"recipients_per_message: {BATCH}")
        f.members(rows)
        campaign, count = f.prepare("plain", "bcc")
        done = f.send(campaign, count)
    equal("bcc: 1,000 are sent, exit 0", (count, done.returncode), (1000, 0), done.stderr)
    equal("bcc: every address is once in the envelopes",
          Counter(r for _, rcpts, _ in keeper.taken for r in rcpts), wanted)
    sizes = [len(rcpts) for _, rcpts, _ in keeper.taken]
    check("bcc: no batch is above the relay's limit, none is small without need",
          max(sizes) <= BATCH and len(sizes) <= 1000 // BATCH + 5, sizes)
    seen = set().union(*(found(ADDRESS, raw) for _, _, raw in keeper.taken))
    equal("bcc: no message shows the address of a recipient", seen & set(wanted), set())
    names = {name.lower() for _, _, raw in keeper.taken
             for name in email.message_from_bytes(raw).keys()}
    check("bcc: no message has a Bcc or Cc", not names & {"bcc", "cc", "resent-bcc"}, names)
    equal("bcc: MAIL FROM is the bounce address", {tokens.plain(s) for s, _, _ in keeper.taken},
          {"returns@asso.example"})
    facts = [tokens.facts(s, raw, tokens.keys(f.folder)) for s, _, raw in keeper.taken]
    equal("bcc: its token, the Message-ID's and the field's name the campaign and nobody",
          facts, [{("return", campaign, 0), ("message", campaign, 0)}] * len(facts))


def one_by_one():
    keeper, rows = Keeper(), bench.members(1000)
    mine = {address: {given, code} for address, given, code in rows}
    with Peer(keeper) as peer:
        f = Facteur(WORK / "individual", peer.port, "max_connections: 3")
        f.members(rows)
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
    equal("individual: 1,000 are sent, exit 0", (count, done.returncode), (1000, 0), done.stderr)
    equal("individual: an envelope for each, once", Counter(r for _, r, _ in keeper.taken),
          Counter((address,) for address in mine))
    strangers = [(to, others) for _, (to,), raw in keeper.taken
                 if (others := found(ADDRESS, raw) & set(mine) - {to})]
    equal("individual: nobody sees the address of another", strangers, [])
    wrong = [(to, got) for _, (to,), raw in keeper.taken
             if (got := found(SECRET, raw)) != mine[to]]
    equal("individual: each sees their own variables, all of them, and no other's", wrong, [])
    ids = {email.message_from_bytes(raw)["Message-ID"] for _, _, raw in keeper.taken}
    equal("individual: Message-IDs differ", len(ids), 1000)
    facts = {to: tokens.facts(s, raw, tokens.keys(f.folder)) for s, (to,), raw in keeper.taken}
    with contextlib.closing(sqlite3.connect(f.folder / "facteur.db")) as db:
        contacts = dict(db.execute("SELECT address, id FROM contact"))
    equal("individual: each message names campaign and contact, and so does what unsubscribes",
          facts, {to: {(purpose, campaign, contacts[to])
                       for purpose in ("return", "message", "unsubscribe")} for to in mine})


def plainly():
    """Whatever the settings say of the return address, Message-ID and field have the token."""
    for more, identity, wanted in (
            ("verp: false", "", r"returns@asso\.example"),
            ("", "verp: false", r"returns@asso\.example"),
            ("", 'verp_separator: "-"', r"returns-r[a-z2-7]{19,43}@asso\.example"),
            ("", "bounce_address: null", r"contact@asso\.example")):
        keeper = Keeper()
        with Peer(keeper) as peer:
            f = Facteur(WORK / re.sub(r"\W", "", f"own{more}of{identity}"), peer.port, more)
            file = f.folder / "facteur.yaml"
            text = file.read_text()
            if identity:
                if "bounce" in identity:
                    text = text.replace("bounce_address: returns@asso.example", "reply_to: null")
                else:
                    text = text.replace("identity:\n", f"identity:\n  {identity}\n")
            file.write_text(text)
            f.members(bench.members(5))
            campaign, count = f.prepare("personal", "individual")
            done = f.send(campaign, count)
        what = f"{more}{identity}"
        equal(f"{what}: sent", done.returncode, 0, done.stderr)
        equal(f"{what}: the senders", [s for s, _, _ in keeper.taken
                                       if not re.fullmatch(wanted, s)], [])
        ids = [tokens.of_message(s, raw) for s, _, raw in keeper.taken]
        equal(f"{what}: Message-ID and field have their token", [
            one for one in ids if [(tokens.read(token, tokens.keys(f.folder)) or "?")[0]
                                   for token in one[1:3]] != ["message", "return"]], [])


def again_after_rotation():
    """A message made again is the same though the keys were changed: uncertain ones, sent once
    more, have the Message-ID they had."""
    f = Facteur(WORK / "rotation", 9)
    f.members(bench.members(4))
    taken = []
    for turn in range(2):
        keeper = Keeper(lose=turn == 0)
        with Peer(keeper) as peer:
            f.configure(peer.port)
            if turn == 0:
                campaign, count = f.prepare("personal", "individual")
                f.send(campaign, count)
            else:
                f.must("key", "rotate")
                f.must("campaign", "retry", campaign, "--uncertain", "--yes",
                       "--expect-count", f.totals(campaign)["uncertain"], "--progress", "none")
        taken.append({(s, *to, *tokens.of_message(s, raw)) for s, to, raw in keeper.taken})
    equal("after key rotate: some were uncertain, and are the messages they were",
          (len(taken[1]) > 0, taken[1] - taken[0]), (True, set()))
    other, count = f.prepare("personal", "individual", relay="outbox")
    f.send(other, count)
    secrets = tokens.keys(f.folder)
    news = {tokens.read(tokens.of_message("", file.read_bytes())[1], secrets[:1])
            for file in (f.folder / "outbox" / "new").iterdir()}
    check("after key rotate: a new campaign has the new key", None not in news, news)


def reply_of(row):
    return f"{row['reply_code']} {row['status'] + ' ' if row['status'] else ''}"


def refusals(mode, template, starts, code):
    keeper = Keeper()
    rows = [row for start in starts for row in bench.members(12, start)] + bench.members(60)
    with Peer(keeper) as peer:
        f = Facteur(WORK / f"{mode}-{code}", peer.port, "recipients_per_message: 20")
        f.members(rows)
        campaign, count = f.prepare(template, mode)
        done = f.send(campaign, count)
    what = f"{mode}, {'+'.join(starts)}"
    equal(f"{what}: exit code", done.returncode, code, done.stderr)
    totals, report = f.totals(campaign), f.recipients(campaign)
    check(f"{what}: totals add up", bench.sums_add_up(totals), totals)
    states = Counter(row["state"] for row in report)
    equal(f"{what}: totals are what the lines say", {k: totals[k] for k in states}, dict(states))
    expected = {"2": "accepted", "4": "deferred", "5": "refused"}
    wrong = [row for row in report
             if row["state"] != expected[keeper.verdicts[row["address"]][0]]
             or not (keeper.verdicts[row["address"]] + " ").startswith(reply_of(row))]
    equal(f"{what}: state, reply and status are the server's for each", wrong, [])
    reasons = {row["address"][:4]: row["reason"] for row in report if row["reason"]}
    want = {"gone": "user-unknown", "late": "system-error", "full": "mailbox-full",
            "nine": "policy", "bare": "recipient-refused"}
    equal(f"{what}: reasons", reasons, {k: v for k, v in want.items()
                                        if any(s.startswith(k) for s in starts)})
    equal(f"{what}: taken once each", Counter(r for _, rs, _ in keeper.taken for r in rs),
          Counter(a for a, v in keeper.verdicts.items() if v[0] == "2"))
    last = json.loads(done.stdout.splitlines()[-1])
    equal(f"{what}: the summary is the report",
          {k: last[k] for k in totals}, totals)
    if last["state"] == "done":
        again = f.resume(campaign)
        # "relays" is what each has done in this run.
        equal(f"{what}: resume of what is done tells the same, and sends nothing",
              (again.returncode, json.loads(again.stdout.splitlines()[-1])),
              (code, {**last, "relays": []}), again.stderr)


def refusals_of_recipients():
    for mode, template in (("individual", "personal"), ("bcc", "plain")):
        refusals(mode, template, ("gone", "nine", "bare"), 3)
        refusals(mode, template, ("gone", "later", "full"), 75)


def sender_refused():
    for reply, code in (("550 5.7.1 Not this sender", 69), ("451 4.7.1 Not now", 75)):
        keeper = Keeper(reply)
        with Peer(keeper) as peer:
            f = Facteur(WORK / f"sender-{code}", peer.port)
            f.members(bench.members(40))
            campaign, count = f.prepare("personal", "individual")
            done = f.send(campaign, count)
        totals = f.totals(campaign)
        equal(f"MAIL answered {reply[:3]}: exit code", done.returncode, code, done.stderr)
        equal(f"MAIL answered {reply[:3]}: no recipient is refused, no DATA",
              (totals["refused"], totals["accepted"], keeper.commands["DATA"]), (0, 0, 0))
        if code == 69:
            equal("sender refused: all are still to do", totals["pending"], 40)
            check("sender refused: the words of the relay are told, once",
                  done.stderr.count("Not this sender") == 1, done.stderr)
            check("sender refused: it stops soon", keeper.commands["MAIL"] <= 4,
                  keeper.commands)


def too_big():
    keeper = Keeper()
    with Peer(keeper, size=600) as peer:
        f = Facteur(WORK / "size", peer.port)
        f.members(bench.members(30))
        campaign, count = f.prepare("personal", "individual")
        done = f.send(campaign, count)
    equal("SIZE below the message: exit 69, no DATA, nobody refused",
          (done.returncode, keeper.commands["DATA"], f.totals(campaign)["pending"]),
          (69, 0, 30), done.stderr)
    errors = [line for line in done.stderr.splitlines() if line.startswith("facteur:")]
    check("SIZE below the message: one clear error with the limit",
          len(errors) == 1 and "600" in errors[0], done.stderr)


bench.play(blind_copies, one_by_one, refusals_of_recipients, sender_refused, too_big,
           plainly, again_after_rotation)
