"""Postfix, with Dovecot for the logins."""
import os
import pathlib
import pwd
import re
import signal

import dovecot
from peer import Peer, field, maildir, user_exists

MAIN = """compatibility_level = 3.6
queue_directory = %(folder)s/queue
data_directory = %(folder)s/data
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = %(folder)s/log
maillog_file_prefixes = %(folder)s
smtpd_tls_cert_file = %(cert)s
smtpd_tls_key_file = %(key)s
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_loglevel = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_sasl_security_options = noanonymous
smtputf8_enable = yes
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access regexp:%(folder)s/etc/rcpt, permit_mynetworks, reject
smtpd_recipient_limit = 100
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
alias_maps =
virtual_mailbox_domains = example.org
virtual_mailbox_base = %(folder)s/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:%(uid)s
virtual_gid_maps = static:%(gid)s
default_transport = error:nobody is mailed from a test
relay_transport = error:nobody is mailed from a test
"""
MASTER = """127.0.0.1:%(starttls)s inet n - n - - smtpd
127.0.0.1:%(implicit)s inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
"""
SERVICES = pathlib.Path(__file__).parents[1] / "lib" / "postfix-services.cf"
REFUSALS = "/^gone/ 550 5.1.1 No such mailbox here\n/^later/ 451 4.3.0 Come back later\n"


class Postfix(Peer):
    NAME = "postfix"
    KINDS = dovecot.KINDS

    @classmethod
    def missing(cls):
        if os.geteuid() != 0:
            return "the master of Postfix runs as root only"
        if not user_exists("postfix"):
            return "no users of Postfix here"
        return cls.lacks("postfix") or dovecot.Dovecot.missing()

    def prepare(self):
        postfix = pwd.getpwnam("postfix")
        for name in ("etc", "queue/private", "data", "mail"):
            (self.folder / name).mkdir(parents=True)
        for name in ("queue/private", "data", "mail"):
            os.chown(self.folder / name, postfix.pw_uid, -1)
        self.write("etc/main.cf", MAIN % {
            "folder": self.folder, "cert": self.cert, "key": self.key,
            "uid": postfix.pw_uid, "gid": postfix.pw_gid})
        self.write("etc/master.cf", MASTER % self.ports + SERVICES.read_text())
        self.write("etc/rcpt", REFUSALS)
        self.auth = dovecot.Logins(self.folder / "auth", self.authority,
                                   pathlib.Path(self.folder / "queue/private/auth"))
        self.auth.start()
        return ["postfix", "-c", self.folder / "etc", "start-fg"]

    def stop(self):
        # Its master leaves the session it was started in, and ends with all of its own.
        master = self.read("queue/pid/master.pid").strip()
        if master:
            os.kill(int(master), signal.SIGTERM)
        super().stop()
        self.auth.stop()

    def taken(self):
        out = []
        for file in maildir(self.folder / "mail"):
            raw = file.read_bytes()
            sender = field(raw, "Return-Path")
            out.append((sender, field(raw, "X-Original-To"), raw))
        return out

    def logins(self):
        return [kind.lower() for kind in
                re.findall(r"sasl_method=([A-Z0-9-]+), sasl_username", self.read("log"))]
