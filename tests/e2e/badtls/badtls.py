"""Servers with which something is wrong around TLS: refused, in words that help, without a byte of
a password on the wire, and nobody is lost. A recorder is in front of each server, and the server
itself keeps what came through TLS."""
import base64
import pathlib
import re
import ssl
import sys
import threading
import warnings

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import pki  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402
from loginserver import INJECTED, Server, context  # noqa: E402
from recorder import Recorder  # noqa: E402
from secrets_in import Secret  # noqa: E402

warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 and 1.1 are wanted here
WORK = pathlib.Path(sys.argv[1])
USER, PASSWORD = "secretary@example.org", "c0rrect+horse=Battery/9"
MEMBERS = 3
V1, V11, V12 = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_2
NO_STARTTLS = "does not offer STARTTLS.*tampering"
NOT_NOW = "cannot start the encryption at the moment.*Try again"
TLS = "no encrypted connection could be agreed on.*TLS 1.2"
AUTHORITY = "not signed by an authority that this computer trusts.*ca_file"
DATE = "has expired or is not valid yet.*clock"
NAME = "for another name.*Check the spelling of the host"
INJECTION = "before the encryption had begun.*tampering.*465"
SHORT = "certificate|encrypted connection"
BROKE = "the connection broke"


SECRETS = Secret(PASSWORD, USER)


def credentials(text):
    return SECRETS.found(text) + \
        ["AUTH" for line in text.splitlines() if line[:5].upper() == b"AUTH "]


class Cases:
    def __init__(self, authority):
        def made(name, **options):
            return context(authority.certificate(name, **options))

        other = pki.Authority(WORK / "other", "some other authority")
        good = authority.certificate("relay")
        self.good = context(good)
        strange = {
            "expired": (made("expired", start=-9, end=-1), DATE),
            "not yet valid": (made("early", start=2, end=9), DATE),
            "self-signed": (context(authority.self_signed("alone")), AUTHORITY),
            "unknown authority": (context(other.certificate("relay")), AUTHORITY),
            "wrong host": (made("host", names="DNS:relay.example"), NAME),
            "TLS 1.0": (context(good, V1, V1), TLS),
            "TLS 1.1": (context(good, V1, V11), TLS),
            "a short key": (context(authority.certificate("short", kind=pki.SHORT), V12,
                                    ciphers="ALL"), SHORT),
            "anonymous": (context(None, V12, V12, "aNULL"), TLS),
            "no encryption": (context(good, V12, V12, "eNULL"), TLS),
        }
        self.all = [(name, tls, "good", how, words) for name, (how, words) in strange.items()
                    for tls in ("starttls", "implicit")]
        self.all += [
            ("STARTTLS not offered", "starttls", "no-starttls", self.good, NO_STARTTLS),
            ("STARTTLS answered 500", "starttls", "starttls-500", self.good, NO_STARTTLS),
            ("STARTTLS, then clear text", "starttls", "starttls-clear", self.good, TLS),
            ("clear text where TLS should be", "implicit", "clear", self.good, TLS)]
        self.all += [(how, "starttls", how, self.good, INJECTION)
                     for how in INJECTED if how != "inject-multi"]


def configure(f, port, tls, authority):
    (f.folder / "password").write_text(PASSWORD + "\n")
    (f.folder / "password").chmod(0o600)
    f.configure(port, config=bench.CONFIG.replace("host: 127.0.0.1", "host: localhost").replace(
        "tls: none, auth: none", f"tls: {tls}, auth: auto, username: {USER}, "
        f"password_file: password, ca_file: {authority.pem}"))


def through(f, server, tls, authority, *args):
    """Runs facteur against a server, with the recorder in front of it."""
    with Recorder(server.port) as wire:
        configure(f, wire.port, tls, authority)
        return f.run(*args, "--json", "--progress", "none"), wire


def case(f, cases, authority, what, tls, how, tls_context, words):
    what = f"{what}, {tls}"
    campaign, count = f.prepare("personal", "individual")
    send = ("campaign", "send", campaign, "--yes", "--expect-count", count)
    with Server(how, tls, tls_context) as server:
        done, wire = through(f, server, tls, authority, *send)
        heard = dict(server.heard)
    equal(f"{what}: refused, nobody is lost",
          (done.returncode, f.totals(campaign)["pending"], server.mails), (69, MEMBERS, 0),
          done.stderr)
    equal(f"{what}: 0 bytes of credentials",
          (credentials(wire.client()), credentials(heard["clear"]), credentials(heard["tls"])),
          ([], [], []), heard)
    check(f"{what}: the words say what and what to do",
          re.search(words, done.stderr, re.S) and "localhost:" in done.stderr, done.stderr)
    with Server("good", tls, cases.good) as server:
        done, _ = through(f, server, tls, authority, "campaign", "resume", campaign)
        equal(f"{what}: later, with a good server, all get it", (done.returncode, server.mails),
              (0, MEMBERS), done.stderr)


def controls(f, cases, authority):
    """That the search finds what it looks for, and that a good server is one."""
    campaign, count = f.prepare("personal", "individual")
    send = ("campaign", "send", campaign, "--yes", "--expect-count", count)
    with Server("good", "starttls", cases.good) as server:
        done, wire = through(f, server, "starttls", authority, *send)
    equal("a good server: exit 0, nothing in clear text", (done.returncode, credentials(wire.client())),
          (0, []), done.stderr)
    check("a good server: what came through TLS is found", credentials(server.heard["tls"]))
    for kind, form in (("PLAIN", b"\0" + USER.encode() + b"\0" + PASSWORD.encode()),
                       ("LOGIN", PASSWORD.encode())):
        check(f"AUTH {kind} in clear text would be found",
              credentials(b"x " + base64.b64encode(form) + b"\r\n"))


def multi(f, cases, authority):
    """A 220 of several lines in one packet is no injection."""
    campaign, count = f.prepare("personal", "individual")
    with Server("inject-multi", "starttls", cases.good) as server:
        done, wire = through(f, server, "starttls", authority,
                             "campaign", "send", campaign, "--yes", "--expect-count", count)
    equal("a 220 of two lines before TLS is fine", (done.returncode, server.mails), (0, MEMBERS),
          done.stderr)


def patient(authority, cases):
    """What may be better in a moment is tried again for a while: beside the others, each in a
    folder of its own."""
    def run(what, how, words):
        f = Facteur(WORK / how)
        f.members(bench.members(MEMBERS))
        case(f, cases, authority, what, "starttls", how, cases.good, words)

    return [threading.Thread(target=run, args=args) for args in (
        ("STARTTLS answered 454", "starttls-454", NOT_NOW),
        ("STARTTLS, then the end", "starttls-end", f"{TLS}|{BROKE}"))]


def main():
    WORK.mkdir(parents=True)
    authority = pki.Authority(WORK / "ca")
    cases = Cases(authority)
    f = Facteur(WORK / "facteur")
    f.members(bench.members(MEMBERS))
    beside = patient(authority, cases)

    def scene(*args):
        def run():
            case(f, cases, authority, *args)
        run.__name__ = f"{args[0]}, {args[1]}"
        return run

    def control():
        controls(f, cases, authority)

    def lines():
        multi(f, cases, authority)

    for thread in beside:
        thread.start()
    bench.play(control, lines, *(scene(*args) for args in cases.all), *(thread.join for thread in beside))


main()
