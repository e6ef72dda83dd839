"""The table: a server, the relay's settings, the exit code, and what is said of it."""
import json
import os
import pathlib
import re
import subprocess
import sys

import bench
from bench import FACTEUR, SLOWER, check
from server import SECRET, Deaf, Server, closed_port

WORK, TLS = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
READY, FAILED, WRONG = 0, 69, 78
QUICK = "timeouts: {connect: 1s, greeting: 1s, mail: 1s}"
CA = f"ca_file: {TLS}/ca.pem"
LOGIN = "username: ana, password_env: SECRET"

CONFIG = """identity: {from: "Association Exemple <contact@asso.example>"}
relays:
  r: {%s}
"""


def relay(port, tls="starttls", more="", host="localhost", preset="", quick=QUICK):
    parts = ["type: smtp", f"preset: {preset}" if preset else "", f"host: {host}",
             f"port: {port}", f"tls: {tls}", CA if tls != "none" and "ca_file" not in more else "",
             quick, more.replace("ca_file: none", "")]
    return CONFIG % ", ".join(p for p in parts if p)


def returning(port, more=""):
    """One whose mailbox for returns is known."""
    return relay(port, "none", more).replace(
        "asso.example>\"}", "asso.example>\", bounce_address: returns@asso.example}")


def run(config, *more, language=""):
    folder = WORK / "relay"
    folder.mkdir(exist_ok=True)
    (folder / "facteur.yaml").write_text(config)
    environment = dict(os.environ, SECRET=SECRET, LANGUAGE=language)
    return subprocess.run([FACTEUR, "relay", "test", "r", *more], cwd=folder, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, env=environment,
                          timeout=60 * SLOWER, check=False)


def server(tls="", **more):
    return Server(TLS, tls, **more)


# What it is called, the server, the relay (given the port), the exit code, the code of the step
# that failed or warned ("" for none), and words that must be there. "leak": a password is sent
# to that server, as it must be where the login itself fails.
CASES = (
    ("all is well, STARTTLS and login", lambda: server("starttls"),
     lambda p: relay(p, more=LOGIN), READY, "",
     "TLSv1.*certificate is for localhost, issued by Test Authority, and good for [0-9]+ more days"
     ".*PIPELINING .several commands.*AUTH PLAIN, LOGIN .ways to log in.*accepts ana.*by PLAIN.*contact@asso.example may send.*nothing was "
     "mailed.*10240 kB.*no quota.*max_connections: 1", "leak"),
    ("all is well, implicit TLS", lambda: server("implicit"),
     lambda p: relay(p, "implicit", LOGIN), READY, "", "accepts ana", "leak"),
    ("all is well, no TLS and no login", server, lambda p: relay(p, "none"), READY, "",
     "220 relay.example.*none, as tls: none says.*no user name", ""),
    ("quotas and the time of a round trip decide", lambda: server(delay=0.05, ehlo=(), auth=""),
     lambda p: relay(p, "none", "rate: [20/s, 72000/h]"), READY, "",
     "none beyond the plainest.*not SMTPUTF8.*20 a second, 72000 an hour.*needs that four times"
     ".*quotas allow 72000 an hour.*Best is max_connections: ([4-9]|10) .it is 2 now., which makes about 72000", ""),
    ("the name is wrong", closed_port, lambda p: relay(p, host="no-such-host.invalid"), FAILED,
     ("name-unknown", "name-service"), "no-such-host.invalid", ""),
    ("nobody listens", closed_port, lambda p: relay(p, host="127.0.0.1"), FAILED, "refused",
     "nobody answers on port [0-9]+ .127.0.0.1.*check the port", ""),
    ("a firewall swallows it", Deaf, lambda p: relay(p, host="127.0.0.1"), FAILED, "timeout",
     "no answer on port.*firewall.*2525", ""),
    ("it hangs up at once", lambda: server(greeting=None), lambda p: relay(p, "none"), FAILED,
     "closed", "ends it at once, without a word", ""),
    ("it says nothing", lambda: server(greeting=""), lambda p: relay(p, "none"), FAILED, "silent",
     "says nothing", ""),
    ("starttls on a port for implicit", lambda: server("implicit"), relay, FAILED,
     "mode-implicit", "wants encryption from the first moment.*tls: implicit", ""),
    ("implicit on a port for starttls", lambda: server("starttls"),
     lambda p: relay(p, "implicit", LOGIN), FAILED, "mode-starttls",
     "begins in clear text.*write tls: starttls", ""),
    ("a mailbox server", lambda: server(greeting="* OK IMAP4rev1 ready"),
     lambda p: relay(p, "none"), FAILED, "not-smtp", "no server for sending mail; it said: . OK "
     "IMAP4rev1 ready.*993 and 995", ""),
    ("our address is on a block list", lambda: server(greeting="554 5.7.1 listed at zen.example"),
     lambda p: relay(p, "none"), FAILED, "blocked", "it said: 554 5.7.1 listed at zen.example.*"
     "block list", ""),
    ("the same behind implicit TLS",
     lambda: server("implicit", greeting="554 5.7.1 listed at zen.example"),
     lambda p: relay(p, "implicit"), FAILED, "blocked", "554 5.7.1 listed at zen.example", ""),
    ("a greeting that would drive the terminal",
     lambda: server(greeting="554 \x1b[31m\udcff\x07 no"), lambda p: relay(p, "none"), FAILED,
     "blocked", "it said: 554 [^\x1b\x07]* no", ""),
    ("too many connections", lambda: server(greeting="421 4.7.0 too many connections"),
     lambda p: relay(p, "none"), FAILED, "busy", "421 4.7.0 too many connections.*ten minutes", ""),
    ("our name displeases", lambda: server(EHLO="550 5.7.1 no such name", HELO="550 5.7.1 nor so"),
     lambda p: relay(p, "none"), FAILED, "hello-refused", "nor so.*ehlo_name", ""),
    ("no STARTTLS", server, lambda p: relay(p, more=LOGIN), FAILED, "no-starttls",
     "offers no encryption on port.*465", ""),
    ("STARTTLS refused", lambda: server("starttls", STARTTLS="502 not here"), relay, FAILED,
     "no-starttls", "offers no encryption", ""),
    ("STARTTLS later", lambda: server("starttls", STARTTLS="454 not now"), relay, FAILED,
     "starttls-later", "cannot start the encryption at the moment.*ten minutes", ""),
    ("answers in front of the encryption",
     lambda: server("starttls", STARTTLS="220 go\r\n250 trust me"),
     lambda p: relay(p, more=LOGIN), FAILED, "injected", "words of his own.*another network", ""),
    ("TLS 1.1 at most", lambda: server("starttls", old=True), lambda p: relay(p, more=LOGIN),
     FAILED, "tls-old", "TLS 1.2 or newer.*too old to be safe", ""),
    ("TLS 1.1 at most, implicit", lambda: server("implicit", old=True),
     lambda p: relay(p, "implicit", LOGIN), FAILED, "tls-old", "too old to be safe", ""),
    ("the certificate has expired", lambda: server("starttls", cert="expired"),
     lambda p: relay(p, more=LOGIN), FAILED, "cert-expired", "expired, on 2021-03-04.*clock", ""),
    ("the certificate is of the future", lambda: server("starttls", cert="early"),
     lambda p: relay(p, more=LOGIN), FAILED, "cert-early", "not valid yet: on 20[0-9]+-12-31.*set "
     "date and time", ""),
    ("the server vouches for itself", lambda: server("starttls", cert="self"),
     lambda p: relay(p, more=LOGIN), FAILED, "cert-self", "signed by nobody else.*ca_file", ""),
    ("an authority that nobody knows", lambda: server("implicit"),
     lambda p: relay(p, "implicit", LOGIN + ", ca_file: none"), FAILED, "cert-unknown",
     "does not trust: Test Authority.*ca_file", ""),
    ("another name", lambda: server("starttls", cert="other"), lambda p: relay(p, more=LOGIN),
     FAILED, "cert-name", "it is for mail.example.net, smtp.example.net, not for localhost", ""),
    ("a wrong password", lambda: server("starttls", AUTH="535 5.7.8 bad credentials"),
     lambda p: relay(p, more=LOGIN), FAILED, "login-refused",
     "refused the user name or the password.*tried once only", "leak"),
    ("Gmail wants an app password", lambda: server("starttls", AUTH="535 5.7.8 bad credentials"),
     lambda p: relay(p, more=LOGIN, preset="gmail"), FAILED, "login-app-password",
     "Gmail wants an app password.*two-step verification", "leak"),
    ("Outlook wants OAuth", lambda: server("starttls", AUTH="535 5.7.139 basic auth disabled"),
     lambda p: relay(p, more=LOGIN, preset="outlook"), FAILED, "login-oauth",
     "accepts no passwords from programs any more", "leak"),
    ("Outlook offers OAuth only", lambda: server("starttls", auth="XOAUTH2"),
     lambda p: relay(p, more=LOGIN, preset="microsoft365"), FAILED, "login-oauth",
     "only OAuth 2", ""),
    ("a token that has expired", lambda: server("starttls", auth="XOAUTH2", AUTH="535 5.7.8 no"),
     lambda p: relay(p, more="username: ana, token_command: [echo, expired]", preset="outlook"),
     FAILED, "login-token", "access token.*permit the access anew", ""),
    ("a proxy that is not there", closed_port,
     lambda p: relay(25, "none", f'proxy: "http://127.0.0.1:{p}"', host="127.0.0.1"), FAILED,
     "proxy", "proxy did not make the connection.*allows 127.0.0.1 and port 25", ""),
    ("a certificate of ours is wanted", lambda: server("starttls", wants_cert=True),
     lambda p: relay(p, more=LOGIN), FAILED, "client-cert", "client_cert", ""),
    ("Mailjet wants its keys", lambda: server("starttls", AUTH="535 5.7.8 no"),
     lambda p: relay(p, more=LOGIN, preset="mailjet"), FAILED, "login-key",
     "keys that are made on its pages", "leak"),
    ("Free has to be switched on", lambda: server("starttls", AUTH="535 5.7.8 no"),
     lambda p: relay(p, more=LOGIN, preset="free"), FAILED, "login-enable",
     "must first be switched on", "leak"),
    ("La Poste wants what is before the @", lambda: server("starttls", AUTH="535 5.7.8 no"),
     lambda p: relay(p, more=LOGIN, preset="laposte"), FAILED, "login-local-part",
     "stands before the @", "leak"),
    ("passwords cannot be checked", lambda: server("starttls", AUTH="454 4.7.0 try later"),
     lambda p: relay(p, more=LOGIN), FAILED, "login-later", "at the moment.*ten minutes", "leak"),
    ("no login offered", lambda: server("starttls", auth=""), lambda p: relay(p, more=LOGIN),
     FAILED, "login-none", "no way to log in.*port .25 is often without", ""),
    ("a login is wanted", lambda: server(MAIL="530 5.7.0 authentication required"),
     lambda p: relay(p, "none"), FAILED, "login-missing", "wants a login first.*username", ""),
    ("the sender is refused", lambda: server(MAIL="553 5.1.8 not a validated sender"),
     lambda p: relay(p, "none"), FAILED, "sender-refused",
     "the sender contact@asso.example; it said: 553 .*not a validated sender.*confirm this", ""),
    ("the sender with a token is refused", lambda: server(MAIL="553 5.1.8 not your address"),
     returning, FAILED, "sender-token",
     r"the sender returns\+r[a-z2-7]{19}@asso.example; it said: 553 .*verp: false", ""),
    ("without a token it is another matter", lambda: server(MAIL="553 5.1.8 not your address"),
     lambda p: returning(p, "verp: false"), FAILED, "sender-refused",
     "the sender returns@asso.example; it said: 553 ", ""),
    ("relaying is denied", lambda: server(MAIL="550 5.7.1 relaying denied"),
     lambda p: relay(p, "none"), FAILED, "relay-denied", "does not pass on mail.*log in", ""),
    ("the quota there is used up", lambda: server(MAIL="452 4.5.3 daily quota exceeded"),
     lambda p: relay(p, "none"), FAILED, "sender-later", "quota exceeded.*may be used up", ""),
    ("421 to the sender", lambda: server(MAIL="421 4.3.2 shutting down"),
     lambda p: relay(p, "none"), FAILED, "busy", "shutting down", ""),
    ("it hangs up on the sender", lambda: server(MAIL=None), lambda p: relay(p, "none"), FAILED,
     "broken", "broke off", ""),
    ("it takes small messages only", lambda: server(ehlo=("SIZE 20480",)),
     lambda p: relay(p, "none"), READY, "size-small", "no messages of more than 20 kB.*pictures",
     ""),
    ("LIMITS are told", lambda: server(ehlo=("LIMITS RCPTMAX=20 MAILMAX=7",)),
     lambda p: relay(p, "none"), READY, "", "at most 20 recipients.*at most 7 messages", ""),
    ("the mailbox of a person", server, lambda p: relay(p, "none", "auth: none", preset="gmail"),
     READY, "personal", "mailbox of a person at Gmail.*10 people", ""),
    ("a password that is not there", server,
     lambda p: relay(p, "none", "username: ana, password_env: NO_SUCH_VARIABLE"), WRONG, None,
     "NO_SUCH_VARIABLE", ""),
    ("an authority's file that is not there", lambda: server("starttls"),
     lambda p: relay(p, more="ca_file: nowhere.pem"), WRONG, None, "ca_file", ""),
)


def flat(text):
    return re.sub(r"\s+", " ", text)


def in_words(name, peer, config, code, words, leak):
    done = run(config)
    said = flat(done.stdout) + " " + flat(done.stderr)
    check(f"{name}: exit {code}, in plain words",
          done.returncode == code and re.search(words, said), done.returncode, words, done.stdout,
          done.stderr)
    check(f"{name}: no line is longer than a terminal, no secret is shown",
          all(len(line) <= 80 for line in done.stdout.splitlines()) and SECRET not in said,
          done.stdout)
    if isinstance(peer, Server):
        verbs = {line.split()[0].upper() for line in peer.heard if line.split()}
        check(f"{name}: nothing is mailed, the password goes where it belongs only",
              not verbs & {"RCPT", "DATA", "BDAT"} and (leak or not peer.leaked()), peer.heard)


def as_json(name, config, code, step):
    done = run(config, "--json")
    if code == WRONG:
        return
    doc = json.loads(done.stdout)
    found = [s["code"] for s in doc["steps"] if s["code"]]
    wanted = step if isinstance(step, tuple) else (step,) if step else ()
    check(f"{name}: JSON has {step or 'no trouble'}",
          doc["schema"] == 1 and doc["ready"] == (code == READY) and done.returncode == code
          and (set(found) <= set(wanted) if wanted else not found) and len(found) == bool(wanted),
          found, done.stdout)


def cases():
    for name, peer, config, code, step, words, leak in CASES:
        peer = peer()
        port = peer if isinstance(peer, int) else peer.port
        in_words(name, peer, config(port), code, words, leak)
        if name not in ("it says nothing", "a firewall swallows it"):  # they take their time
            as_json(name, config(port), code, step)


def names():
    """What the name service says, in namespaces of our own: it must be port 53."""
    alone = ["unshare", "-rmn"]
    file = "/etc/resolv.conf"
    if subprocess.run([*alone, "mount", "--bind", file, file], capture_output=True,
                      check=False).returncode != 0:
        print("skip - the name service: no namespaces here")
        return
    (WORK / "relay" / "facteur.yaml").write_text(relay(25, host="smtp.example.org"))
    for answer, code in (("3", "name-unknown"), ("2", "name-service"),
                         ("silent", "name-service")):
        done = subprocess.run(
            [*alone, sys.executable, str(pathlib.Path(__file__).parent / "dns.py"), answer,
             FACTEUR, "relay", "test", "r", "--json"], cwd=WORK / "relay", capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=60 * SLOWER, check=False)
        check(f"the name service answers {answer}: {code}", done.returncode == FAILED
              and json.loads(done.stdout)["steps"][-1]["code"] == code, done.stdout, done.stderr)


def once_only():
    peer = server("starttls", AUTH="535 5.7.8 no")
    run(relay(peer.port, more=LOGIN))
    tried = [line for line in peer.heard if line.upper().startswith("AUTH")]
    check("a refused login is tried once, whatever else is offered", len(tried) == 1, peer.heard)


def facts():
    peer = server("starttls", delay=0.01)
    doc = json.loads(run(relay(peer.port, more=LOGIN), "--json").stdout)
    check("JSON: addresses, certificate, abilities, speed",
          "127.0.0.1" in doc["addresses"] and doc["tls"]["issuer"] == "Test Authority"
          and doc["tls"]["names"] == "localhost" and doc["tls"]["days_left"] > 300
          and doc["abilities"]["pipelining"] is True and doc["abilities"]["size"] == 10485760
          and doc["login"] == {"offered": ["PLAIN", "LOGIN"], "used": "PLAIN"}
          and doc["speed"]["round_trip_ms"] >= 10
          and doc["speed"]["round_trips_per_message"] == 1, doc)
    check("each answer was asked for in turn: MAIL, RSET, three times",
          [line.split()[0] for line in peer.heard][-7:]
          == ["MAIL", "RSET"] * 3 + ["QUIT"], peer.heard)


def in_french():
    done = run(relay(closed_port(), host="127.0.0.1"), language="fr")
    check("in French", done.returncode == FAILED
          and "personne ne répond" in flat(done.stdout) and "À faire" in done.stdout
          and all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)


bench.play(cases, names, once_only, facts, in_french)
