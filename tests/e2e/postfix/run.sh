# timeout: 180
# A real Postfix of our own on the loopback (own folders, own port, STARTTLS with a throw-away
# authority) delivers into Maildirs: what arrives is what was sent.
. "$ROOT/tests/cli/lib.sh"
PATH=$PATH:/usr/sbin
need python3 postfix openssl
[ "$(id -u)" -eq 0 ] || skip_all 'the master of Postfix runs as root only'
getent passwd postfix >/dev/null && getent group postdrop >/dev/null ||
	skip_all 'no users of Postfix here'

port=$(free_port)
P=$T/postfix
mkdir -p "$P/etc" "$P/queue" "$P/data" "$P/mail" "$P/tls"
chmod 711 "$T"
chown postfix "$P/data" "$P/mail"

(
	cd "$P/tls" || exit 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
		-out ca.pem -subj '/CN=test authority' -days 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout relay.key \
		-out relay.csr -subj /CN=localhost
	echo subjectAltName=DNS:localhost >ext
	openssl x509 -req -in relay.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
		-extfile ext -out relay.pem
) >"$T/openssl.log" 2>&1

cat >"$P/etc/main.cf" <<E_MAIN
compatibility_level = 3.6
queue_directory = $P/queue
data_directory = $P/data
mail_owner = postfix
setgid_group = postdrop
myhostname = relay.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = $P/log
maillog_file_prefixes = $P
smtpd_tls_cert_file = $P/tls/relay.pem
smtpd_tls_key_file = $P/tls/relay.key
smtpd_tls_security_level = encrypt
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_limit = 100
smtpd_client_connection_rate_limit = 0
alias_maps =
virtual_mailbox_domains = example.org example.net
virtual_mailbox_base = $P/mail
# Who is at example.net is taken and found unknown only later: a report is made.
virtual_mailbox_maps = inline:{ { @example.org = all/ } }
smtpd_reject_unlisted_recipient = no
virtual_uid_maps = static:$(id -u postfix)
virtual_gid_maps = static:$(id -g postfix)
default_transport = error:nobody is mailed from a test
relay_transport = error:nobody is mailed from a test
E_MAIN
{
	echo "127.0.0.1:$port inet n - n - - smtpd"
	cat "$ROOT/tests/e2e/lib/postfix-services.cf"
} >"$P/etc/master.cf"

postfix -c "$P/etc" start >"$T/postfix.out" 2>&1 || {
	sed 's/^/# /' "$T/postfix.out"
	skip_all 'Postfix does not start here'
}
trap 'postfix -c "$P/etc" stop >/dev/null 2>&1; harness_end' EXIT
wait_port "$port" || cat "$P/log"
python3 "$ROOT/tests/e2e/postfix/through.py" "$T/scene" "$port" "$P" || harness_failed=1
