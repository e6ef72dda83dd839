"""Campaigns through Dovecot's submission server, which nobody here wrote, with every kind of
login it has. A recorder lies on the wire in front of it, smtpd.py is the relay behind it."""
import getpass
import http.server
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402
import peer  # noqa: E402
from bench import Facteur, Relay, check, equal  # noqa: E402
from peer import PASSWORD, Recorder  # noqa: E402

WORK, TLS = map(pathlib.Path, sys.argv[1:])
DOVECOT = "/usr/sbin/dovecot"
MEMBERS = 12
USER, ACCENTED, HASHED = "ana@lists.example", "zoe@lists.example", "max@lists.example"
ACCENTS = "p\u00e4ssw\u00f6rd \U0001f33a"
TOKEN = "t0k3n-canary." + "x" * 40
LONG_TOKEN = "t0k3n-canary." + "y" * 1500
RELAY = "relay: {type: smtp, host: 127.0.0.1, port: %(port)s, tls: none, auth: none%(more)s}"
CONFIG = bench.CONFIG.replace(RELAY, (
    "relay: {type: smtp, host: localhost, port: %%(port)s, ca_file: %s/ca.pem, "
    "max_connections: 4%%(more)s}" % TLS))

ROOT_ONLY = """
default_login_user = dovenull
default_internal_user = dovecot
"""
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
auth_verbose = yes
protocols = submission
listen = 127.0.0.1
hostname = dovecot.example
ssl = required
ssl_cert = <{tls}/server.pem
ssl_key = <{tls}/server.key
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
auth_failure_delay = 0
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
submission_relay_host = 127.0.0.1
submission_relay_port = {relay}
submission_relay_ssl = no
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {port}
  }}
  inet_listener submissions {{
    port = {implicit}
    ssl = yes
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {folder}/oauth2.conf
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
{more}
"""


class Introspection(http.server.BaseHTTPRequestHandler):
    """Says of a token whose it is (RFC 7662)."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        token = urllib.parse.parse_qs(body).get("token", [""])[0]
        known = token in (TOKEN, LONG_TOKEN)
        answer = json.dumps({"active": True, "email": USER} if known else {"active": False})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Dovecot:
    def __init__(self, folder, relay):
        self.folder, self.port, self.implicit = folder, free_port(), free_port()
        self.oauth = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Introspection)
        threading.Thread(target=self.oauth.serve_forever, daemon=True).start()
        for name in ("run", "state", "mail"):
            (folder / name).mkdir(parents=True)
        (folder / "users").write_text(
            f"{USER}:{{PLAIN}}{PASSWORD}\n{ACCENTED}:{{PLAIN}}{ACCENTS}\n"
            f"{HASHED}:{{SHA512-CRYPT}}{self.hash()}\n", encoding="utf-8")
        (folder / "oauth2.conf").write_text(
            f"introspection_mode = post\nintrospection_url = http://127.0.0.1:"
            f"{self.oauth.server_port}/introspect\nusername_attribute = email\n"
            "active_attribute = active\nactive_value = true\n")
        root = os.getuid() == 0
        me = getpass.getuser()
        (folder / "conf").write_text(CONF.format(
            folder=folder, tls=TLS, port=self.port, implicit=self.implicit, relay=relay,
            uid=os.getuid() or 65534, gid=os.getgid() or 65534,
            more=ROOT_ONLY if root else f"default_login_user = {me}\ndefault_internal_user = {me}\n"))
        if root:
            os.chown(folder / "mail", 65534, 65534)
        self.process = subprocess.Popen([DOVECOT, "-F", "-c", folder / "conf"],
                                        stdin=subprocess.DEVNULL)

    @staticmethod
    def hash():
        return subprocess.run(["openssl", "passwd", "-6", PASSWORD], capture_output=True,
                              text=True, check=True).stdout.strip()

    def __enter__(self):
        bench.wait_until("Dovecot listens", self.listens)
        return self

    def listens(self):
        import socket
        if self.process.poll() is not None:
            raise RuntimeError(f"Dovecot ended: {self.log()}")
        for port in (self.port, self.implicit):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
            except OSError:
                return False
        return True

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        self.oauth.shutdown()

    def log(self):
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""


def sender():
    """The folder that all campaigns start from."""
    f = Facteur(WORK / "sender", config=CONFIG)
    (f.folder / "token").write_text("#!/bin/sh\necho run >>runs\nprintf '%s\\n' \"$SECRET\"\n")
    (f.folder / "token").chmod(0o700)
    f.members(bench.members(MEMBERS))
    return f


class Through:
    """One campaign with these settings."""

    def __init__(self, f, dovecot, relay, name, more, user=USER, secret=PASSWORD, implicit=False):
        self.f, self.name, self.relay, self.before = f, name, relay, len(relay.accepted())
        self.log_from, folder = len(dovecot.log()), f.folder
        with Recorder(dovecot.implicit if implicit else dovecot.port) as wire:
            f.configure(wire.port, f"username: {user}, {more}", config=CONFIG)
            self.campaign, count = f.prepare("personal", "individual")
            self.done = f.send(self.campaign, count, env={
                "SECRET": secret, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                "HOME": str(folder)})
            self.heard = wire.heard
            self.clear = wire.clear()
        self.said = self.done.stdout + self.done.stderr
        self.log = dovecot.log()[self.log_from:]
        kept = b"".join(file.read_bytes() for file in folder.iterdir() if file.name != "token")
        equal(f"{name}: no secret on the wire, the screen or in the folder",
              [peer.leaks(where, secret) for where in (self.heard, self.said.encode(), kept)],
              [[], [], []], self.said)
        if not implicit:
            equal(f"{name}: in the clear only EHLO and STARTTLS",
                  {line.split()[0] for line in self.clear.splitlines()}, {b"EHLO", b"STARTTLS"})

    def sent(self, kind):
        """`kind` is how Dovecot says that we logged in."""
        equal(f"{self.name}: all are sent", (self.done.returncode, len(self.relay.accepted()) -
                                             self.before), (0, MEMBERS), self.said, self.log)
        equal(f"{self.name}: it is {kind}", set(re.findall(r"method=([A-Z0-9-]+)", self.log)),
              {kind}, self.log)

    def refused(self, words):
        equal(f"{self.name}: exit 69, all still to do", (self.done.returncode,
              self.f.totals(self.campaign)["pending"]), (69, MEMBERS), self.said)
        check(f"{self.name}: it says {words}", re.search(words, self.said, re.S), self.said)
        tries = re.findall(r"auth failed, (\d+) attempts", self.log)
        equal(f"{self.name}: one attempt", tries, ["1"], self.log)


def all_kinds():
    secret = "password_env: SECRET"
    with Relay(WORK / "relay") as relay, Dovecot(WORK / "dovecot", relay.port) as dovecot:
        f = sender()

        def through(name, more, **rest):
            return Through(f, dovecot, relay, name, more, **rest)

        through("auto", secret).sent("SCRAM-SHA-256")
        for kind in ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"):
            through(kind, f"{secret}, auth: {kind.lower()}").sent(kind)
        through("implicit TLS", f"{secret}, tls: implicit", implicit=True).sent("SCRAM-SHA-256")
        for kind in ("SCRAM-SHA-256", "PLAIN"):
            through(f"{kind}, beyond ASCII", f"{secret}, auth: {kind.lower()}", user=ACCENTED,
                    secret=ACCENTS).sent(kind)
        command = "token_command: [./token]"
        through("a token", command, secret=TOKEN).sent("OAUTHBEARER")
        through("XOAUTH2", f"{command}, auth: xoauth2", secret=TOKEN).sent("XOAUTH2")
        runs = f.folder / "runs"
        runs.unlink()
        through("a long token", command, secret=LONG_TOKEN).sent("OAUTHBEARER")
        equal("a long token: its command ran once", runs.read_text(), "run\n")
        for kind in ("scram-sha-256", "cram-md5", "plain", "login"):
            through(f"{kind}, wrong password", f"{secret}, auth: {kind}",
                    secret="wr0ng-canary").refused("535 5.7.8")
        for kind in ("oauthbearer", "xoauth2"):
            through(f"{kind}, wrong token", f"{command}, auth: {kind}",
                    secret="wr0ng-t0k3n").refused("535 5.7.8.*(invalid_token|401)")
        through("a hash that is of no use for SCRAM", secret, user=HASHED).refused("auth: plain")
        through("a hash, with PLAIN", f"{secret}, auth: plain", user=HASHED).sent("PLAIN")
        equal("the relay behind saw nothing strange", relay.strange(), [])


bench.play(all_kinds)
