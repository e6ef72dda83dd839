"""A Dovecot that serves IMAP and POP3 from mailboxes that the tests write on disk."""
import base64
import getpass
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "lib"))
import bench  # noqa: E402

PASSWORD = 'pass "w\\rd-c4nary'
KEY = b"the key with which the tokens of this test are signed"
OAUTH_CONF = """
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {folder}/oauth2.conf
}}
"""
CONF = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap pop3
listen = 127.0.0.1
hostname = dovecot.example
ssl = {ssl}
ssl_cert = <{tls}/{certificate}.pem
ssl_key = <{tls}/{certificate}.key
disable_plaintext_auth = {secure}
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_verbose = yes
mail_location = {mail}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
first_valid_gid = 0
mail_fsync = never
mail_max_userip_connections = 100
mail_plugins =
pop3_uidl_format = %08Xu%08Xv
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=anybody {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
{more}
"""


def token(user, key=KEY):
    """A JSON web token (RFC 7519) that says who logs in, good for an hour."""
    def word(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    now = int(time.time())
    claims = {"sub": user, "email": user, "iat": now - 60, "nbf": now - 60, "exp": now + 3600}
    signed = b".".join(word(json.dumps(part).encode())
                       for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    return (signed + b"." + word(hmac.new(key, signed, hashlib.sha256).digest())).decode()


def hold_ports(names):
    """A socket for each, bound to a free port: nobody else gets it until the server starts."""
    held = {name: socket.socket() for name in names}
    for s in held.values():
        s.bind(("127.0.0.1", 0))
    return held


class Dovecot:
    PORTS = ("imap", "imaps", "pop3", "pop3s")

    def __init__(self, folder, tls, mechanisms="plain login", more="", ssl="yes", secure="yes",
                 mail="maildir:~/Maildir", certificate="server"):
        self.folder, self.tls = pathlib.Path(folder), tls
        self.root = os.getuid() == 0
        self.uid, self.gid = os.getuid() or 65534, os.getgid() or 65534
        for name in ("run", "state", "home"):
            (self.folder / name).mkdir(parents=True)
        self.held = hold_ports(self.PORTS)
        self.port = {name: s.getsockname()[1] for name, s in self.held.items()}
        me = getpass.getuser()
        owner = ("default_login_user = dovenull\ndefault_internal_user = dovecot\n" if self.root
                 else f"default_login_user = {me}\ndefault_internal_user = {me}\n")
        (self.folder / "conf").write_text(CONF.format(
            folder=self.folder, tls=tls, mechanisms=mechanisms, more=more + owner, ssl=ssl,
            secure=secure, mail=mail, certificate=certificate, uid=self.uid, gid=self.gid, **self.port))
        (self.folder / "users").write_text(f"anybody:{{PLAIN}}{PASSWORD}\n")
        keys = self.folder / "keys/default/HS256"
        keys.mkdir(parents=True)
        (keys / "default").write_text(base64.b64encode(KEY).decode())
        (self.folder / "oauth2.conf").write_text(
            "introspection_mode = local\nusername_attribute = email\n"
            f"local_validation_key_dict = fs:posix:prefix={self.folder}/keys/\n")
        self.process = None

    def __enter__(self):
        for s in self.held.values():
            s.close()
        self.process = subprocess.Popen(["dovecot", "-F", "-c", self.folder / "conf"],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        def listens():
            try:
                socket.create_connection(("127.0.0.1", self.port["imap"]), 1).close()
                return True
            except OSError:
                return False

        bench.wait_until("Dovecot listens", listens)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def log(self):
        return (self.folder / "log").read_text(errors="replace")

    def user(self, name):
        """A new account: the folder that is its home. All have the same password."""
        home = self.folder / "home" / name
        home.mkdir()
        self.own(home)
        return home

    def own(self, path):
        """Dovecot's processes run as somebody else when we are root."""
        if not self.root:
            return
        for where, folders, files in os.walk(path):
            for name in [".", *folders, *files]:
                os.chown(os.path.join(where, name), self.uid, self.gid)

    def maildir(self, home, messages, names=None):
        box = home / "Maildir"
        for part in ("new", "cur", "tmp"):
            (box / part).mkdir(parents=True, exist_ok=True)
        for i, text in enumerate(messages):
            name = names[i] if names else f"17000{i:05d}.M1P1.test"
            (box / "new" / name).write_bytes(text)
        self.own(home)
        return box

    def uidlist(self, box, validity, uids, names):
        """The numbers that Dovecot is to give these files, as its own list has them."""
        for path in box.glob("dovecot*"):
            path.unlink() if path.is_file() else shutil.rmtree(path)
        lines = [f"3 V{validity} N{max(uids) + 1}\n"]
        lines += [f"{uid} :{name}\n" for uid, name in zip(uids, names)]
        (box / "dovecot-uidlist").write_text("".join(lines))
        self.own(box)

    def mbox(self, home, messages):
        with open(home / "inbox", "wb") as out:
            for text in messages:
                out.write(b"From a@example.org Thu Nov 26 10:00:00 2026\n" + text + b"\n")
        (home / "mail").mkdir(exist_ok=True)
        self.own(home)


def message(i, size=0):
    return (f"From: Ana <ana{i}@example.org>\nTo: returns@example.org\nSubject: number {i}\n"
            f"Message-ID: <{i}@example.org>\n\nBody of {i}.\n" + "x" * size + "\n").encode()
