"""Haraka and the smtp-server of Nodemailer, as npm installs them (tests/peers, by script/deps)."""
import json
import pathlib
import shutil

import dovecot
from peer import PASSWORD, ROOT, USER, Lines

MODULES = ROOT / "build" / "npm-peers" / "node_modules"
HERE = pathlib.Path(__file__).parent


class NodePeer(Lines):
    MODULE = ""
    ENV = {"NODE_PATH": str(MODULES)}

    @classmethod
    def missing(cls):
        if not (MODULES / cls.MODULE).is_dir():
            return "npm could not install it"
        return cls.lacks("node")


class SmtpServer(NodePeer):
    NAME = "smtp-server"
    MODULE = "smtp-server"
    KINDS = ("plain", "login", "cram-md5", "xoauth2")

    def prepare(self):
        settings = self.write("settings.json", json.dumps({
            "folder": str(self.folder), "ports": self.ports, "cert": str(self.cert),
            "key": str(self.key), "user": USER, "password": PASSWORD,
            "token": dovecot.token()}))
        return ["node", HERE / "smtp_server.js", settings]


class Haraka(NodePeer):
    NAME = "haraka"
    MODULE = "Haraka"
    KINDS = ("plain", "login", "cram-md5")

    def prepare(self):
        for name, text in (
                ("smtp.ini", "listen=127.0.0.1:%(starttls)s,127.0.0.1:%(implicit)s\n"
                             "smtps_port=%(implicit)s\nnodes=0\n" % self.ports),
                ("tls.ini", f"key={self.key}\ncert={self.cert}\n"),
                ("auth_flat_file.ini", "[core]\nmethods=PLAIN,LOGIN,CRAM-MD5\n"
                                       f"constrain_sender=false\n[users]\n{USER}={PASSWORD}\n"),
                ("me", "relay.example\n"), ("loglevel", "INFO\n"), ("host_list", "example.org\n"),
                ("databytes", "10485760\n"), ("plugins", "tls\nauth/flat_file\nkeeper\n")):
            self.write(f"config/{name}", text)
        shutil.copy(MODULES / "Haraka/config/connection.ini", self.folder / "config")
        self.write("plugins/keeper.js",
                   f"const keep = require({json.dumps(str(HERE / 'keep.js'))})"
                   f"({json.dumps(str(self.folder))})\n" + (HERE / "haraka_keeper.js").read_text())
        (self.folder / "queue").mkdir()
        return ["node", MODULES / "Haraka" / "bin" / "haraka", "-c", self.folder]
