"""Dovecot: its submission server, which hands on to a relay of the test, and its logins, which
Postfix uses as well."""
import base64
import functools
import hashlib
import hmac
import json
import os
import pwd
import re
import time

import bench
from peer import PASSWORD, USER, Peer, free_port, user_exists

KINDS = ("plain", "login", "cram-md5", "scram-sha-1", "scram-sha-256", "xoauth2", "oauthbearer")
KEY = b"the key with which the tokens of this test are signed"
AUTH = """
auth_mechanisms = %(mechanisms)s
auth_verbose = yes
auth_debug = yes
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
passdb {
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = %(folder)s/oauth2.conf.ext
}
passdb {
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = scheme=PLAIN username_format=%%u %(folder)s/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=%(folder)s/home
}
mail_location = maildir:%(folder)s/home
first_valid_uid = 1
base_dir = %(folder)s/run
state_dir = %(folder)s/state
log_path = %(folder)s/log
ssl = %(ssl)s
ssl_cert = <%(cert)s
ssl_key = <%(key)s
ssl_min_protocol = TLSv1.2
listen = 127.0.0.1
"""
SUBMISSION = """
protocols = submission
hostname = relay.example
submission_relay_host = 127.0.0.1
submission_relay_port = %(relay)s
submission_relay_trusted = yes
submission_max_recipients = 100
submission_client_workarounds =
recipient_delimiter =
service submission-login {
  inet_listener submission {
    port = %(starttls)s
  }
  inet_listener submissions {
    port = %(implicit)s
    ssl = yes
  }
}
"""
AUTH_ONLY = """
protocols =
service auth {
  unix_listener %(socket)s {
    mode = 0666
  }
}
"""


def word(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


@functools.cache
def token(key=KEY):
    """A JSON web token (RFC 7519) that says who logs in, good for an hour."""
    now = int(time.time())
    claims = {"sub": USER, "email": USER, "iat": now - 60, "nbf": now - 60, "exp": now + 3600}
    signed = b".".join(word(json.dumps(part).encode())
                       for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    return (signed + b"." + word(hmac.new(key, signed, hashlib.sha256).digest())).decode()


class Dovecot(Peer):
    NAME = "dovecot"
    KINDS = KINDS
    SSL = "yes"
    LOCALS_LOG_IN = FRAIL = True

    @classmethod
    def missing(cls):
        if not user_exists("dovenull"):
            return "no users of Dovecot here"
        return cls.lacks("dovecot")

    def prepare(self):
        nobody = pwd.getpwnam("nobody")
        (self.folder / "home").mkdir()
        os.chown(self.folder / "home", nobody.pw_uid, nobody.pw_gid)
        self.write("users", f"{USER}:{{PLAIN}}{PASSWORD}\n")
        self.write("keys/default/HS256/default", base64.b64encode(KEY).decode())
        self.write("oauth2.conf.ext", "introspection_mode = local\n"
                   f"local_validation_key_dict = fs:posix:prefix={self.folder}/keys/\n"
                   "username_attribute = email\n")
        text = AUTH % {"folder": self.folder, "mechanisms": " ".join(self.KINDS),
                       "cert": self.cert, "key": self.key, "ssl": self.SSL}
        config = self.write("dovecot.conf", text + self.services())
        return ["dovecot", "-F", "-c", config]

    def services(self):
        self.relay = bench.Relay(self.folder / "relay")
        return SUBMISSION % {"relay": self.relay.port, **self.ports}

    def stop(self):
        super().stop()
        self.relay.__exit__()

    def taken(self):
        return [(m["sender"], rcpt, m["data"].encode("latin-1"))
                for m in self.relay.accepted() for rcpt in m["rcpts"]]

    def logins(self):
        return [kind.lower() for kind in
                re.findall(r"submission-login: Info: Login: .*method=([A-Z0-9-]+)",
                           self.read("log"))]


class Logins(Dovecot):
    """The logins alone, on a socket."""

    SSL = "no"

    def __init__(self, folder, authority, socket):
        super().__init__(folder, authority)
        self.ports, self.socket = {}, socket

    def services(self):
        return AUTH_ONLY % {"socket": self.socket}

    def ready(self):
        return super().ready() and self.socket.exists()

    def stop(self):
        Peer.stop(self)
