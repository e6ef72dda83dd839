"""Servers that report: Postfix, Exim and OpenSMTPD take mail for the next hop, and Dovecot stores
it. Whatever they have to say goes to returns+CASE@asso.example, which lies in a Maildir of
theirs. All of them within lib/zone.py, impatient: they warn after a second or two and give up
after some seconds."""
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "matrix"))
from peer import Cell, Peer, field, maildir, user_exists  # noqa: E402

SERVICES = pathlib.Path(__file__).parents[1] / "lib" / "postfix-services.cf"
SENDER = "returns"

POSTFIX = """compatibility_level = 3.6
queue_directory = %(folder)s/queue
data_directory = %(folder)s/data
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8 192.0.2.0/24
inet_interfaces = 127.0.0.1, 192.0.2.1
inet_protocols = ipv4
maillog_file = %(folder)s/log
maillog_file_prefixes = %(folder)s
recipient_delimiter = +
smtputf8_enable = yes
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = no
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
alias_maps =
virtual_alias_maps = inline:{ { both@people.example = ana@people.example, bob@people.example } }
virtual_mailbox_domains = asso.example people.example
virtual_mailbox_base = %(folder)s/mail
virtual_mailbox_maps = regexp:%(folder)s/etc/boxes
virtual_uid_maps = static:%(uid)s
virtual_gid_maps = static:%(gid)s
transport_maps = inline:{ { lists.people.example = lmtp:unix:%(lmtp)s } }
relay_domains = lists.people.example
smtp_tls_policy_maps = inline:{ { secret.hop.example = encrypt } }
delay_warning_time = 1s
maximal_queue_lifetime = %(patience)ss
bounce_queue_lifetime = %(patience)ss
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
in_flow_delay = 0
%(more)s
"""
BOXES = """/^returns(\\+.*)?@asso\\.example$/ all/
/^(ana|bob|local[0-9]+)@people\\.example$/ people/
"""


class Postfix(Peer):
    NAME = "postfix"
    PATIENCE = 6
    MORE = ""
    lmtp = "private/none"

    def __init__(self, folder, authority):
        super().__init__(folder, authority)
        self.ports = {"smtp": 25}

    @classmethod
    def missing(cls):
        if not user_exists("postfix"):
            return "no users of Postfix here"
        return cls.lacks("postfix")

    def prepare(self):
        postfix = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "data", "mail"):
            (self.folder / name).mkdir(parents=True)
        for name in ("data", "mail"):
            os.chown(self.folder / name, postfix.pw_uid, -1)
        self.write("etc/main.cf", POSTFIX % {
            "folder": self.folder, "uid": postfix.pw_uid, "gid": postfix.pw_gid,
            "lmtp": self.lmtp, "patience": self.PATIENCE, "more": self.MORE})
        self.write("etc/master.cf", "127.0.0.1:25 inet n - n - - smtpd\n"
                   "192.0.2.1:25 inet n - n - - smtpd\n"
                   "smtp unix - - n - - smtp\nlmtp unix - - n - - lmtp\n" + SERVICES.read_text())
        self.write("etc/boxes", BOXES)
        return ["postfix", "-c", self.folder / "etc", "start-fg"]

    def nudge(self):
        """It tries again by itself, soon enough."""

    def stop(self):
        # Its master leaves the session it was started in, and ends with all of its own.
        master = self.read("queue/pid/master.pid").strip()
        if master:
            os.kill(int(master), signal.SIGTERM)
        super().stop()

    def queued(self):
        """The messages that it has still to deal with."""
        return [file for name in ("maildrop", "incoming", "active", "deferred")
                for file in (self.folder / "queue" / name).glob("**/*") if file.is_file()]

    def reports(self):
        """(the address it was sent to, the file) for each."""
        return [(field(file.read_bytes(), "X-Original-To"), file)
                for file in maildir(self.folder / "mail/all")]


DOVECOT = """
protocols = lmtp
hostname = store.example
mail_location = maildir:%(folder)s/mail/%%u
base_dir = %(folder)s/run
state_dir = %(folder)s/state
log_path = %(folder)s/log
ssl = no
first_valid_uid = 1
auth_username_format = %%n
recipient_delimiter = +
submission_host = 127.0.0.1:25
postmaster_address = postmaster@store.example
mail_plugins = quota
service lmtp {
  unix_listener %(socket)s {
    mode = 0666
  }
}
protocol lmtp {
  mail_plugins = quota sieve
}
plugin {
  quota = maildir:User quota
  quota_rule = *:storage=10M
}
passdb {
  driver = passwd-file
  args = username_format=%%n %(folder)s/users
}
userdb {
  driver = passwd-file
  args = username_format=%%n %(folder)s/users
  default_fields = uid=nobody gid=nogroup home=%(folder)s/mail/%%n
}
"""
SIEVE = {
    "away": 'require "vacation";\nvacation :days 1 :subject "Out of the office"\n'
            '"I am away until 5 January. For urgent matters write to bob@people.example.";\n',
    "absente": 'require "vacation";\nvacation :days 1 :subject "Absence du bureau"\n'
               '"Je suis absente jusqu\'au 5 janvier, sans acc\u00e8s \u00e0 mes messages.";\n',
    "refuses": 'require "reject";\nreject "I do not want any letters from associations.";\n',
    "ana": "keep;\n",
}


class Dovecot(Peer):
    """Stores for lists.people.example what Postfix hands on. `full` has no room."""

    NAME = "dovecot"

    def __init__(self, folder, authority):
        super().__init__(folder, authority)
        self.ports, self.socket = {}, pathlib.Path(folder) / "lmtp"

    @classmethod
    def missing(cls):
        if not pathlib.Path("/usr/lib/dovecot/lmtp").exists():
            return "no dovecot-lmtpd here"
        if not pathlib.Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so").exists():
            return "no dovecot-sieve here"
        return cls.lacks("dovecot") or (None if user_exists("dovenull") else "no users of Dovecot")

    def prepare(self):
        nobody = pwd.getpwnam("nobody")
        (self.folder / "mail").mkdir()
        os.chown(self.folder / "mail", nobody.pw_uid, nobody.pw_gid)
        users = "full:::::::userdb_quota_rule=*:bytes=1\n"
        users += "crammed:::::::userdb_quota_rule=*:bytes=1 userdb_quota_full_tempfail=yes\n"
        for name, script in SIEVE.items():
            path = self.write(f"sieve/{name}.sieve", script)
            os.chown(path.parent, nobody.pw_uid, nobody.pw_gid)
            users += f"{name}:::::::userdb_sieve=file:{path}\n"
        self.write("users", users)
        config = self.write("dovecot.conf", DOVECOT % {"folder": self.folder, "socket": self.socket})
        return ["dovecot", "-F", "-c", config]

    def ready(self):
        return super().ready() and self.socket.exists()


EXIM = """primary_hostname = relay.example
exim_user = Debian-exim
exim_group = Debian-exim
local_interfaces = 127.0.0.1
daemon_smtp_ports = %(smtp)s
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
queue_run_max = 20
log_file_path = /var/log/%%slog
acl_smtp_rcpt = accept
acl_smtp_data = accept
never_users =
disable_ipv6 = true
keep_environment =
delay_warning = 1s:24h
ignore_bounce_errors_after = 10s

begin routers
elsewhere:
  driver = dnslookup
  domains = ! asso.example : ! people.example
  transport = onward
  no_more
reports:
  driver = accept
  domains = asso.example
  local_part_suffix = +*
  local_parts = returns
  transport = keep
people:
  driver = accept
  domains = people.example
  local_parts = ana : bob
  transport = keep

begin transports
onward:
  driver = smtp
  port = 25
  hosts_try_fastopen =
  command_timeout = 10s
keep:
  driver = appendfile
  directory = ${if eq{$domain}{asso.example}{/mail/all}{/mail/people}}
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim
  envelope_to_add
  return_path_add
  delivery_date_add

begin retry
* * F,4s,1s
"""


class Exim(Cell):
    NAME = "exim"
    PROGRAM = "/usr/sbin/exim4"
    USERS = (("Debian-exim", 101),)

    def prepare(self):
        root = self.furnish()
        self.ports = {"smtp": self.ports["starttls"]}
        self.write("root/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("root/etc/exim4/exim4.conf", EXIM % self.ports, 0o640)
        for name in ("var/spool/exim4", "var/log", "run/exim4", "mail"):
            (root / name).mkdir(parents=True, exist_ok=True)
            os.chown(root / name, *self.USERS[0][1:] * 2)
        return self.command("-bdf", "-q1s")

    def nudge(self):
        """It tries again by itself, soon enough."""

    def reports(self):
        return [(field(file.read_bytes(), "Envelope-to"), file)
                for file in maildir(self.folder / "root/mail/all")]


OPENSMTPD = """table keeper { "@" = "keeper" }
table people { "ana@people.example" = "keeper" }
bounce warn-interval 1s
queue ttl 6s
listen on 127.0.0.1 port %(smtp)s hostname relay.example
action keep maildir "/mail/%%{rcpt}" virtual <keeper>
action people maildir "/mail/people" virtual <people>
action onward relay helo relay.example
match from any for domain "asso.example" action keep
match from any for domain "people.example" action people
match from any for any action onward
"""


class OpenSmtpd(Cell):
    NAME = "opensmtpd"
    PROGRAM = "/usr/sbin/smtpd"
    USERS = (("opensmtpd", 102), ("opensmtpq", 103), ("keeper", 1001))

    def prepare(self):
        root = self.furnish()
        self.ports = {"smtp": self.ports["starttls"]}
        self.write("root/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("root/etc/smtpd.conf", OPENSMTPD % self.ports, 0o600)
        (root / "var/lib/opensmtpd/empty").mkdir(parents=True, exist_ok=True)
        control = root / "usr/sbin/smtpctl"
        os.chown(control, 0, dict(self.USERS)["opensmtpq"])
        control.chmod(0o2555)
        shutil.copy("/bin/sh", root / "bin/sh")  # runs what puts a message into its Maildir
        for name in ("var/run", "var/spool", "var/mail"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return self.command("-d", "-T", "smtp")

    def nudge(self):
        """Tries again now, and gives up what is too old: by itself it would wait for minutes."""
        subprocess.run(["chroot", self.folder / "root", "/usr/sbin/smtpctl", "schedule", "all"],
                       stdout=subprocess.DEVNULL, check=True)

    def reports(self):
        return [(file.parent.parent.name, file)
                for file in maildir(self.folder / "root/mail") if file.parent.parent.name != "people"]
