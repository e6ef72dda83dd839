"""Logging in to servers that do not behave, and the ways there."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import peer  # noqa: E402
from bench import Facteur, check, equal  # noqa: E402
from peer import PASSWORD, Http, Server, Socks  # noqa: E402

WORK, TLS = map(pathlib.Path, sys.argv[1:])
MEMBERS = 12
RELAY = "relay: {type: smtp, host: 127.0.0.1, port: %(port)s, tls: none, auth: none%(more)s}"
CONFIG = bench.CONFIG.replace(RELAY, (
    "relay: {type: smtp, host: localhost, port: %%(port)s, ca_file: %s/ca.pem, "
    "username: ana@lists.example, password_env: SECRET, max_connections: 4%%(more)s}" % TLS))
ENVIRONMENT = {"SECRET": PASSWORD, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


class Case:
    """One campaign through one server; what it left behind has no secret in it."""

    def __init__(self, name, server, more="", config=CONFIG, password=PASSWORD, secrets=()):
        self.name, self.server = name, server
        f = self.f = Facteur(WORK / re.sub(r"\W+", "-", name), server.port, more, config=config)
        (f.folder / "facteur.yaml").chmod(0o600)
        (f.folder / "token").write_text("#!/bin/sh\necho run >>runs\necho t0k3n-canary\n")
        (f.folder / "token").chmod(0o700)
        f.members(bench.members(MEMBERS))
        self.campaign, count = f.prepare("personal", "individual")
        self.done = f.send(self.campaign, count, seconds=400, env={**ENVIRONMENT, "SECRET": password,
                                                      "HOME": str(f.folder)})
        self.said = self.done.stdout + self.done.stderr
        self.totals = f.totals(self.campaign)
        kept = self.said.encode() + b"".join(
            file.read_bytes() for file in f.folder.iterdir() if file.name.startswith("facteur.db"))
        equal(f"{name}: no secret on screen or in the database",
              [s for s in (password, *secrets) for form in peer.leaks(kept, s)], [], self.said)
        equal(f"{name}: no secret in the clear",
              peer.leaks(getattr(server, "clear", b""), password), [])

    def sent(self):
        equal(f"{self.name}: all are sent",
              (self.done.returncode, self.totals["accepted"], self.server.messages),
              (0, MEMBERS, MEMBERS), self.said)
        return self

    def stopped(self, words, code=69):
        equal(f"{self.name}: exit {code}, nobody is lost",
              (self.done.returncode, self.totals["pending"], self.server.messages),
              (code, MEMBERS, 0), self.said)
        check(f"{self.name}: it says {words}", re.search(words, self.said), self.said)
        return self


def refused():
    for name, more in (("refused", ""), ("refused, plain", "auth: plain")):
        with Server(peer.context(TLS), answers=["535 5.7.8 Bad: %s; 3 tries left"]) as server:
            Case(name, server, more).stopped("535 5.7.8 Bad: .*3 tries left")
            equal(f"{name}: one AUTH on the wire", len(server.auths()), 1)
            equal(f"{name}: of one connection", len(server.peers), 1)


def refused_with_retry():
    """The next run asks once more, and no more."""
    with Server(peer.context(TLS), answers=["535 no", "235 ok"]) as server:
        case = Case("refused, then right", server).stopped("535")
        done = case.f.resume(case.campaign, env={**ENVIRONMENT, "HOME": str(case.f.folder)})
        equal("refused, then right: the resumed campaign ends",
              (done.returncode, server.messages), (0, MEMBERS), done.stderr)


def all_log_in():
    with Server(peer.context(TLS)) as server:
        Case("accepted", server).sent()
        check("accepted: the first logs in alone, then others do",
              1 < len(server.auths()) <= 4, server.auths())
        equal("accepted: in the clear only EHLO and STARTTLS",
              {line.split()[0] for line in server.clear.splitlines()}, {b"EHLO", b"STARTTLS"})
    with Server(peer.context(TLS), tls="implicit") as server:
        Case("implicit TLS", server, "tls: implicit").sent()
    with Server(tls="none") as server:
        config = CONFIG.replace("host: localhost", "host: 127.0.0.1").replace(
            "max_connections", "tls: none, max_connections")
        case = Case("clear text on the loopback", type("Quiet", (), {
            "port": server.port, "messages": MEMBERS})(), config=config)
        equal("clear text on the loopback: all are sent",
              (case.done.returncode, server.messages), (0, MEMBERS), case.said)


def later():
    with Server(peer.context(TLS), answers=["454 4.7.0 the password server sleeps",
                                            "235 ok"]) as server:
        began = time.monotonic()
        Case("454, then right", server).sent()
        check("454, then right: none of the four connections asks again at once",
              time.monotonic() - began >= 5, server.auths())


def cut():
    """A server that says no by ending the connection is asked three times, with pauses."""
    with Server(peer.context(TLS), answers=["cut"]) as server:
        began = time.monotonic()
        Case("cut while logging in", server).stopped("ended the connection|closed the connection")
        equal("cut while logging in: three AUTHs on the wire", len(server.auths()), 3)
        check("cut while logging in: not at once", time.monotonic() - began >= 15)


def waiting():
    """What waits, waits at the same time."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        begun = [pool.submit(scene) for scene in (later, cut, token_is_renewed)]
        for scene in begun:
            scene.result()


def no_token():
    """A token_command that fails, and one that gives nothing: nobody is connected to."""
    config = CONFIG.replace("password_env: SECRET", "token_command: [%s]")
    for name, command in (("token_command fails", "'false'"),
                          ("token_command says nothing", "'true'"),
                          ("token_command is not there", "./no-such-program")):
        with Server(peer.context(TLS)) as server:
            Case(name, server, config=config.replace("[%s]", f"[{command}]")).stopped(
                "token_command", 78)
            equal(f"{name}: no connection", server.peers, [])


def not_asked_for():
    """auth: none: the command that would print a token is not run for nothing."""
    config = CONFIG.replace("password_env: SECRET", "token_command: [./token], auth: none")
    with Server(peer.context(TLS)) as server:
        case = Case("no login wanted", server, config=config).sent()
        equal("no login wanted: no AUTH, no token",
              (server.auths(), (case.f.folder / "runs").exists()), ([], False))


def token_is_renewed():
    """Four members, one a minute, a connection each: the token gets old under way."""
    if not bench.LONG:
        return
    config = CONFIG.replace("password_env: SECRET", "token_command: [./token]").replace(
        "max_connections: 4", "max_connections: 1, messages_per_connection: 1, rate: [3/min]")
    with Server(peer.context(TLS), offers="OAUTHBEARER") as server:
        Case("a token that gets old", server, config=config).sent()
        runs = (WORK / "a-token-that-gets-old" / "runs").read_text().split()
        equal("a token that gets old: its command runs after two minutes", len(runs), 2)


def not_offered():
    for offers in ("GSSAPI NTLM", "XOAUTH2"):
        with Server(peer.context(TLS), offers=offers) as server:
            Case(f"only {offers} offered", server).stopped("no kind of login")
            equal(f"only {offers} offered: no AUTH on the wire", server.auths(), [])
    with Server(peer.context(TLS), answers=["504 5.5.4 never heard of"]) as server:
        Case("offered and unknown", server).stopped("504 5.5.4")


def injected():
    """Bytes before the handshake, with the 220 or a moment later (CVE-2011-0411)."""
    inject = b"250-peer.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n"
    for late in (False, True):
        with Server(peer.context(TLS), inject=inject, late=late) as server:
            name = "injected after a moment" if late else "injected with the 220"
            case = Case(name, server, "timeouts: {connect: 5s}")
            equal(f"{name}: refused, nothing sent",
                  (case.done.returncode, case.totals["pending"], server.auths()),
                  (69, MEMBERS, []), case.said)


def client_certificate():
    more = f"client_cert: {TLS}/client.pem, client_key: {TLS}/client.key"
    for tls in ("starttls", "implicit"):
        for old in (False, True):
            how = f"client certificate, {tls}, {'1.2' if old else '1.3'}"
            with Server(peer.context(TLS, True, old), tls) as server:
                Case(how, server, f"tls: {tls}, {more}").sent()
    with Server(peer.context(TLS, True)) as server:
        Case("client certificate missing", server, "timeouts: {connect: 5s}").stopped("client_cert")
    with Server(peer.context(TLS, True)) as server:
        Case("client certificate of a stranger", server, f"client_cert: {TLS}/stranger.pem, "
             f"client_key: {TLS}/stranger.key, timeouts: {{connect: 5s}}").stopped("client_cert")
    with Server(peer.context(TLS, True)) as server:
        key = TLS / "open.key"
        key.write_bytes((TLS / "client.key").read_bytes())
        key.chmod(0o644)
        Case("client key that all can read", server,
             f"client_cert: {TLS}/client.pem, client_key: {key}").stopped("chmod 600", 78)
        Case("client key with a passphrase", server, f"client_cert: {TLS}/client.pem, "
             f"client_key: {TLS}/locked.key, timeouts: {{connect: 5s}}").stopped("client_key", 78)


def proxies():
    """Names are looked up by whom the scheme says; a login is a secret like the password."""
    login = ("ana", "Pr0xy-canary@")
    url = "Pr0xy-canary%40"
    for name, make, scheme, host in (("SOCKS5h", Socks, "socks5h", "localhost"),
                                     ("SOCKS5", Socks, "socks5", "127.0.0.1"),
                                     ("HTTP", Http, "http", "localhost")):
        for with_login in (False, True):
            with make(login if with_login else None) as proxy, \
                    Server(peer.context(TLS)) as server:
                what = f"{name} proxy{' with a login' if with_login else ''}"
                front = f"ana:{url}@" if with_login else ""
                case = Case(what, server, f'proxy: "{scheme}://{front}127.0.0.1:{proxy.port}", '
                            "source_address: 127.0.0.1", secrets=[login[1], url])
                case.sent()
                equal(f"{what}: it was asked for", set(proxy.asked), {(host, server.port)})
                shown = case.f.must("config", "show")
                equal(f"{what}: config show hides the login", "Pr0xy" in shown, False)


PROXY, TEMPORARY = "proxy", 75  # what net_probe calls it; exit code


def probe(port, proxy, **more):
    """One attempt of src/net and src/smtp: what the tool of tests/smtp says."""
    tool = pathlib.Path(os.environ["BUILD"]) / "tests/smtp/net_probe"
    env = {**ENVIRONMENT, "PROBE_CA": str(TLS / "ca.pem"), "PROBE_USER": "ana@lists.example",
           "PROBE_PASSWORD": PASSWORD, "PROBE_PROXY": proxy, "PROBE_TIMEOUT": "5000", **more}
    return subprocess.run([tool, "localhost", str(port), "starttls", "auto", "1", "1"], env=env,
                          capture_output=True, text=True, timeout=60, check=False)


def proxies_that_refuse():
    with Server(peer.context(TLS)) as server, Socks(("ana", "right")) as socks, \
            Http(("ana", "right")) as http, Socks() as free, Server() as closed:
        closed.__exit__()
        for name, port, proxy, trouble in (
                ("SOCKS5 proxy, wrong login", server.port, f"socks5h://ana:wr0ng-pw@127.0.0.1:{socks.port}", PROXY),
                ("SOCKS5 proxy, no login", server.port, f"socks5h://127.0.0.1:{socks.port}", PROXY),
                ("HTTP proxy, wrong login", server.port, f"http://ana:wr0ng-pw@127.0.0.1:{http.port}", PROXY),
                ("HTTP proxy, no login", server.port, f"http://127.0.0.1:{http.port}", PROXY),
                ("SOCKS5 proxy that is not there", server.port, "socks5h://127.0.0.1:1", PROXY),
                ("HTTP proxy that is not there", server.port, "http://127.0.0.1:1", PROXY),
                ("SOCKS5 proxy, server not there", 1, f"socks5h://127.0.0.1:{free.port}", PROXY)):
            done = probe(port, proxy)
            check(f"{name}: trouble {trouble}",
                  f"trouble {trouble} exit {TEMPORARY}" in done.stdout, done.stdout, done.stderr)
            equal(f"{name}: its login is not shown",
                  "wr0ng" in done.stdout + done.stderr, False, done.stdout)
        equal("none of them reached the server", server.peers, [])


def addresses():
    with Server(peer.context(TLS)) as server:
        Case("source address", server, "source_address: 127.0.0.2").sent()
        equal("source address: the server sees it", set(server.peers), {"127.0.0.2"})
    try:
        server = Server(peer.context(TLS), host="::1")
    except OSError:
        print("skip - IPv6: no ::1 here")
        return
    with server:
        config = CONFIG.replace("host: localhost", 'host: "::1"')
        Case("IPv6", server, config=config).sent()
        equal("IPv6: the server sees it", set(server.peers), {"::1"})


bench.play(refused, refused_with_retry, all_log_in, waiting, no_token, not_asked_for,
           not_offered, injected, client_certificate, proxies, proxies_that_refuse, addresses)
