"""OpenSMTPD, in a root of its own."""
import re
import shutil
import subprocess

from peer import PASSWORD, USER, Cell, field, maildir

CONFIG = """pki relay.example cert "/etc/tls/relay.pem"
pki relay.example key "/etc/tls/relay.key"
table users { "%(user)s" = "%(hash)s" }
table keeper { "@" = "keeper" }
filter later phase rcpt-to match rcpt-to regex { "^later" } reject "451 4.3.0 Come back later"
filter gone phase rcpt-to match rcpt-to regex { "^gone" } reject "550 5.1.1 No such mailbox here"
smtp max-message-size 10M
listen on 127.0.0.1 port %(starttls)s tls pki relay.example auth-optional <users> hostname relay.example filter { later, gone }
listen on 127.0.0.1 port %(implicit)s smtps pki relay.example auth-optional <users> hostname relay.example filter { later, gone }
action keep maildir "/mail/%%{rcpt}" virtual <keeper>
match from any for domain "example.org" action keep
"""


class OpenSmtpd(Cell):
    NAME = "opensmtpd"
    PROGRAM = "/usr/sbin/smtpd"
    KINDS = ("plain", "login")
    USERS = (("opensmtpd", 102), ("opensmtpq", 103), ("keeper", 1001))

    def prepare(self):
        root = self.furnish()
        hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, text=True,
                                capture_output=True, check=True).stdout.strip()
        self.write("root/etc/smtpd.conf", CONFIG % {
            "user": USER, "hash": hashed, **self.ports}, 0o600)
        (root / "var/lib/opensmtpd/empty").mkdir(parents=True, exist_ok=True)
        shutil.copy("/bin/sh", root / "bin/sh")  # runs what puts a message into its Maildir
        for name in ("var/run", "var/spool", "var/mail"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return self.command("-d", "-T", "smtp")

    def taken(self):
        out = []
        for file in maildir(self.folder / "root/mail"):
            raw = file.read_bytes()
            out.append((field(raw, "Return-Path"), file.parent.parent.name, raw))
        return out

    def logins(self):
        return [kind.lower() for kind in
                re.findall(r"<<< AUTH ([A-Z]+)(?:(?!<<< AUTH)[\s\S])*?result=ok", self.read("out.log"))]
