"""Exim, in a root of its own."""
import os
import re

from peer import PASSWORD, USER, Cell, field, maildir

CONFIG = """primary_hostname = relay.example
exim_user = Debian-exim
exim_group = Debian-exim
local_interfaces = 127.0.0.1
daemon_smtp_ports = %(starttls)s : %(implicit)s
tls_on_connect_ports = %(implicit)s
tls_advertise_hosts = *
tls_certificate = /etc/tls/relay.pem
tls_privatekey = /etc/tls/relay.key
pipelining_advertise_hosts = *
chunking_advertise_hosts = *
dsn_advertise_hosts = *
smtputf8_advertise_hosts = *
prdr_enable = false
auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}
host_lookup =
rfc1413_query_timeout = 0s
message_size_limit = 10M
recipients_max = 100
smtp_enforce_sync = true
smtp_accept_max = 0
smtp_accept_queue_per_connection = 0
log_selector = +smtp_protocol_error +tls_cipher +received_recipients +pipelining
log_file_path = /var/log/%%slog
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept
never_users =
disable_ipv6 = true
keep_environment =

begin acl
check_rcpt:
  deny    local_parts = ^gone
          message = 5.1.1 No such mailbox here
  defer   local_parts = ^later
          message = 4.3.0 Come back later
  accept  domains = example.org
  deny    message = nobody is mailed from a test

begin routers
here:
  driver = accept
  domains = example.org
  transport = keep

begin transports
keep:
  driver = appendfile
  directory = /mail/all
  maildir_format
  create_directory
  user = Debian-exim
  group = Debian-exim
  envelope_to_add
  return_path_add
  delivery_date_add

begin retry
* * F,2h,15m

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${if and{{eq{$auth2}{%(user)s}}{eq{$auth3}{%(password)s}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${if and{{eq{$auth1}{%(user)s}}{eq{$auth2}{%(password)s}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${if eq{$auth1}{%(user)s}{%(password)s}fail}
  server_set_id = $auth1
"""
KIND_OF = {"plain": "plain", "login": "login", "cram": "cram-md5"}


class Exim(Cell):
    NAME = "exim"
    PROGRAM = "/usr/sbin/exim4"
    KINDS = ("plain", "login", "cram-md5")
    USERS = (("Debian-exim", 101),)

    def prepare(self):
        root = self.furnish()
        self.write("root/etc/exim4/exim4.conf", CONFIG % {
            "user": USER, "password": PASSWORD, **self.ports}, 0o640)
        for name in ("var/spool/exim4", "var/log", "run/exim4", "mail", "etc/tls/relay.key"):
            if not (root / name).exists():
                (root / name).mkdir(parents=True)
            os.chown(root / name, *self.USERS[0][1:] * 2)
        return self.command("-bdf", "-q1h")

    def taken(self):
        out = []
        for file in maildir(self.folder / "root/mail"):
            raw = file.read_bytes()
            out.append((field(raw, "Return-path"), field(raw, "Envelope-to"), raw))
        return out

    def logins(self):
        return [KIND_OF[name] for name in
                re.findall(r" <= .* A=([a-z]+):", self.read("root/var/log/mainlog"))]
