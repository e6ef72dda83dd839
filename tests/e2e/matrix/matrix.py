"""facteur against seven servers that nobody here wrote: every kind of login over STARTTLS and over
implicit TLS, what they offer and whether it is used, and what they refuse."""
import pathlib
import re
import sys
from collections import Counter

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import oracle  # noqa: E402
import pki  # noqa: E402
import tokens  # noqa: E402
from aio import Aiosmtpd  # noqa: E402
from bench import LONG, Facteur, check, equal  # noqa: E402
from dovecot import Dovecot, token  # noqa: E402
from exim import Exim  # noqa: E402
from loginserver import Server  # noqa: E402
from node import Haraka, SmtpServer  # noqa: E402
from opensmtpd import OpenSmtpd  # noqa: E402
from peer import PASSWORD, USER  # noqa: E402
from postfix import Postfix  # noqa: E402
from recorder import Recorder  # noqa: E402

WORK = pathlib.Path(sys.argv[1])
ONLY = sys.argv[2:]
SERVERS = (Postfix, Exim, OpenSmtpd, Haraka, Aiosmtpd, SmtpServer, Dovecot)
TLS = ("starttls", "implicit")
STRONGEST = ("scram-sha-256", "scram-sha-1", "cram-md5", "plain", "login")
TOKENS = ("oauthbearer", "xoauth2")
FEW, MANY = 5, 30
AT_ONCE = 3  # servers: most of the time is waiting
SENDER = "returns@asso.example"
ACCENT = "\u00e9lodie@example.org"


class Client(Facteur):
    """A folder with the secrets of USER beside the configuration."""

    def __init__(self, folder, authority):
        super().__init__(folder, config=bench.CONFIG)
        self.authority = authority
        for name, text in (("password", PASSWORD), ("wrong", "Wrong" + PASSWORD),
                           ("token", token()), ("badtoken", token(b"another key"))):
            (self.folder / name).write_text(text + "\n")
            (self.folder / name).chmod(0o600)
        self.members(bench.members(FEW))
        self.list("many", bench.members(MANY, "many"))
        self.list("mixed", [(f"{start}{i}@example.org", "Ana", "K1") for start, n in
                            (("well", 3), ("gone", 2), ("later", 2)) for i in range(n)] +
                  [(ACCENT, "\u00c9lodie", "K2")])

    def list(self, name, rows):
        with (self.folder / f"{name}.csv").open("w", encoding="utf-8") as out:
            out.write("email,given_name,code\n")
            out.writelines(",".join(row) + "\n" for row in rows)
        self.must("list", "create", name)
        self.must("list", "import", name, f"{name}.csv")

    def login(self, port, tls, kind, good=True):
        secret = "token" if kind in TOKENS else "password"
        file = secret if good else {"token": "badtoken", "password": "wrong"}[secret]
        proof = f"token_command: [cat, {file}]" if kind in TOKENS else f"password_file: {file}"
        text = bench.CONFIG.replace("host: 127.0.0.1", "host: localhost").replace(
            "tls: none, auth: none", f"tls: {tls}, auth: {kind}, username: {USER}, {proof}, "
            f"ca_file: {self.authority.pem}").replace("host: localhost, port: %(port)s, tls: none",
                                                      "host: 127.0.0.1, port: %(port)s, tls: none")
        self.configure(port, config=text)

    def campaign(self, template="personal", mode="individual", to="members"):
        number, count = self.prepare(template, mode, to=to)
        return number, self.send(number, count)


class News:
    """What a server took and heard since this was made."""

    def __init__(self, peer):
        self.peer = peer
        self.taken_before, self.logins_before = Counter(peer.taken()), len(peer.logins())

    def taken(self):
        return list((Counter(self.peer.taken()) - self.taken_before).elements())

    def rcpts(self):
        return Counter(rcpt for _, rcpt, _ in self.taken())

    def logins(self):
        return set(self.peer.logins()[self.logins_before:])

    def wait(self, n):
        bench.wait_until("all has arrived", lambda: len(self.taken()) >= n)


def cells(peer):
    """(tls, kind as configured, kind that is used) for a run."""
    strongest = next(kind for kind in STRONGEST if kind in peer.KINDS)
    some = [("starttls", strongest, strongest), ("implicit", "auto", strongest)]
    if not LONG:
        return some + [("starttls", kind, kind) for kind in TOKENS if kind in peer.KINDS][:1]
    return [(tls, kind, kind) for tls in TLS for kind in peer.KINDS] + \
        [(tls, "auto", strongest) for tls in TLS]


def cell(peer, f, tls, kind, used):
    news = News(peer)
    f.login(peer.ports[tls], tls, kind)
    campaign, done = f.campaign()
    if done.returncode == 0:
        news.wait(FEW)
    got = (done.returncode, f.totals(campaign)["accepted"], news.rcpts(),
           {tokens.plain(sender) for sender, _, _ in news.taken()}, news.logins())
    equal(f"{peer.NAME}, {tls}, {kind}: each of {FEW} is there once, logged in by {used}", got,
          (0, FEW, Counter(a for a, _, _ in bench.members(FEW)), {SENDER}, {used}), done.stderr)


def wrong_password(peer, f, tls, kind):
    """One try, for a second one may lock the account; and everybody is still to do."""
    news = News(peer)
    with Recorder(peer.ports[tls]) as wire:
        f.login(wire.port, tls, kind, good=False)
        campaign, done = f.campaign()
        tries = len(wire.conversations)
    equal(f"{peer.NAME}, {tls}, {kind}, wrong: exit 69 after one try, nobody is lost",
          (done.returncode, tries, f.totals(campaign)["pending"], news.logins()),
          (69, 1, FEW, set()), done.stderr)
    check(f"{peer.NAME}, {tls}, {kind}, wrong: the words say so",
          f"refused the user name or the {'access token' if kind in TOKENS else 'password'}"
          in done.stderr, done.stderr)


def commands(wire):
    """The command lines of the client, without what is content."""
    text = re.sub(rb"(?s)^(DATA\r\n).*?\r\n\.\r\n", rb"\1", wire.client(), flags=re.M)
    return re.findall(rb"(?m)^(?:EHLO|MAIL|RCPT|DATA|BDAT|RSET|QUIT|AUTH)[^\r]*", text)


def use_of_offers(peer, wire):
    """SIZE, DSN, PIPELINING, CHUNKING: where offered, and only there; but no message
    before the answer to the one before with a server that cannot bear it."""
    offers, lines = wire.offered(), commands(wire)
    mails = [line for line in lines if line.startswith(b"MAIL")]
    rcpts = [line for line in lines if line.startswith(b"RCPT")]
    for keyword, used in (
            ("SIZE", all(b" SIZE=" in m for m in mails)),
            ("DSN", all(b" ENVID=" in m for m in mails) and all(b" ORCPT=" in r for r in rcpts)),
            ("PIPELINING", any(re.search(rb"MAIL[^\r]*\r\n(?:.*\r\n)*RCPT", turn)
                               for turn in wire.turns())),
            ("CHUNKING", any(line.startswith(b"BDAT") for line in lines))):
        wanted = keyword in offers
        if peer.FRAIL and keyword in ("PIPELINING", "CHUNKING"):
            continue
        equal(f"{peer.NAME}: {keyword} is {'' if wanted else 'not '}used", used, wanted,
              *mails[:2], sorted(offers))
    if peer.FRAIL:
        equal(f"{peer.NAME}: no message before the answer to the one before",
              max(turn.count(b"MAIL FROM:") for turn in wire.turns()), 1)
    bench.note(f"{peer.NAME} offers {' '.join(sorted(offers))}; first MAIL: {mails[0].decode()}")


def mixed(peer, f):
    """In clear text on the loopback, where all can be seen: who is refused, deferred, cannot be
    written to."""
    news = News(peer)
    with Recorder(peer.ports["starttls"]) as wire:
        if peer.LOCALS_LOG_IN:
            f.login(wire.port, "none", "plain")
        else:
            f.configure(wire.port)
        campaign, done = f.campaign(to="mixed")
        utf8 = "SMTPUTF8" in wire.offered()
        use_of_offers(peer, wire)
        accents = [line for line in commands(wire) if ACCENT.encode() in line]
        declared = [line for line in commands(wire) if b" SMTPUTF8" in line]
    well = 4 if utf8 else 3
    news.wait(well)
    states = Counter((row["state"], row["address"].rstrip("0123456789@example.org"), row["reply_code"])
                     for row in f.recipients(campaign))
    accent = row_of(f, campaign, ACCENT)
    equal(f"{peer.NAME}: an accent before the @ goes where SMTPUTF8 is offered, and only there",
          (accent["state"], len(accents), len(declared)),
          ("accepted", 1, 1) if utf8 else ("refused", 0, 0), accent, done.stderr)
    equal(f"{peer.NAME}: refused and deferred recipients are told as the server told them",
          {key: n for key, n in states.items() if key[1] in ("gon", "lat", "later", "gone")},
          {("refused", "gon", 550): 2, ("deferred", "lat", 451): 2}, done.stderr)
    want = {f"well{i}@example.org": 1 for i in range(3)} | ({ACCENT: 1} if utf8 else {})
    equal(f"{peer.NAME}: who was not refused is there once", dict(news.rcpts()), want)
    oracle.sound(f, campaign, peer.NAME)


def row_of(f, campaign, address):
    return next(row for row in f.recipients(campaign) if row["address"] == address)


def blind_copies(peer, f):
    news = News(peer)
    f.login(peer.ports["implicit"], "implicit", "auto")
    campaign, done = f.campaign("plain", "bcc", to="many")
    if done.returncode == 0:
        news.wait(MANY)
    equal(f"{peer.NAME}: {MANY} in blind copy, each once",
          (done.returncode, f.totals(campaign)["accepted"], news.rcpts()),
          (0, MANY, Counter(a for a, _, _ in bench.members(MANY, "many"))), done.stderr)
    ids = {name for _, _, raw in news.taken()
           for name in re.findall(rb"(?im)^message-id:\s*(\S+)", raw)}
    equal(f"{peer.NAME}: {MANY} in blind copy are one message", len(ids), 1, ids)


def server(kind, authority):
    why = kind.missing()
    if why:
        print(f"skip - {kind.NAME}: {why}", flush=True)
        return
    with kind(WORK / kind.NAME, authority) as peer:
        f = Client(WORK / f"{kind.NAME}-client", authority)
        plan = cells(peer)
        for tls, wanted, used in plan:
            cell(peer, f, tls, wanted, used)
        for tls, wanted, _ in plan if LONG else plan[:1]:
            wrong_password(peer, f, tls, wanted)
        mixed(peer, f)
        blind_copies(peer, f)


def fragile():
    """What came too early costs one answer, and then it is not done again."""
    count = 12
    f = Facteur(WORK / "fragile")
    f.members(bench.members(count))
    with Server("good", "none", fragile=True) as frail:
        f.configure(frail.port, "max_connections: 1")
        campaign, _ = f.prepare("personal", "individual")
        done = f.send(campaign, count)
    totals = f.totals(campaign)
    equal("a server that dies of what comes early: one answer is lost, then none",
          (done.returncode, frail.mails, totals["uncertain"], totals["accepted"]),
          (3, count, 1, count - 1), done.stderr)


def main():
    WORK.mkdir(parents=True)
    WORK.chmod(0o755)
    authority = pki.Authority(WORK / "ca")
    authority.certificate("relay")

    def scene(kind):
        def run():
            server(kind, authority)
        run.__name__ = kind.NAME
        return run

    bench.play(fragile, *(scene(kind) for kind in SERVERS if not ONLY or kind.NAME in ONLY),
               at_once=AT_ONCE)


main()
