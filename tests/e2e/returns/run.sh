# timeout: 300
# A campaign of 1,000 through a real Postfix of our own that refuses, bounces and delays a known
# mix; its reports lie in a Maildir, and after "bounce fetch" every number is that of the mix.
. "$ROOT/tests/cli/lib.sh"
PATH=$PATH:/usr/sbin
need python3 postfix
python3 -c "import aiosmtpd" 2>/dev/null || skip_all "no aiosmtpd here"
[ "$(id -u)" -eq 0 ] || skip_all 'the master of Postfix runs as root only'
getent passwd postfix >/dev/null && getent group postdrop >/dev/null ||
	skip_all 'no users of Postfix here'

port=$(free_port)
P=$T/postfix
mkdir -p "$P/etc" "$P/queue" "$P/data" "$P/mail"
chmod 711 "$T"
chown postfix "$P/data" "$P/mail"
hop=$(free_port)

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
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
	check_recipient_access inline:{ { refused.example = 550 5.1.1 no such user here } }
smtpd_recipient_limit = 100
smtpd_client_connection_rate_limit = 0
disable_vrfy_command = yes
alias_maps =
recipient_delimiter = +
virtual_mailbox_domains = asso.example good.example
virtual_mailbox_base = $P/mail
virtual_mailbox_maps = inline:{ { @asso.example = returns/ }, { @good.example = good/ } }
smtpd_reject_unlisted_recipient = no
virtual_uid_maps = static:$(id -u postfix)
virtual_gid_maps = static:$(id -g postfix)
# The mix: what the transports say of each domain.
transport_maps = inline:{
	{ unknown.example = error:5.1.1 User unknown in virtual mailbox table },
	{ full.example = error:5.2.2 mailbox is full },
	{ closed.example = error:5.2.1 account is disabled },
	{ spam.example = error:5.7.1 message rejected as spam },
	{ later.example = retry:4.4.1 connection timed out },
	{ hop.example = smtp:[127.0.0.1]:$hop } }
delay_warning_time = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_host_lookup = native
default_transport = error:nobody is mailed from a test
relay_transport = error:nobody is mailed from a test
E_MAIN
{
	echo "127.0.0.1:$port inet n - n - - smtpd"
	echo 'smtp unix - - n - - smtp'
	cat "$ROOT/tests/e2e/lib/postfix-services.cf"
} >"$P/etc/master.cf"

postfix -c "$P/etc" start >"$T/postfix.out" 2>&1 || {
	sed 's/^/# /' "$T/postfix.out"
	skip_all 'Postfix does not start here'
}
trap 'postfix -c "$P/etc" stop >/dev/null 2>&1; harness_end' EXIT
wait_port "$port" || cat "$P/log"
python3 "$ROOT/tests/e2e/returns/returns.py" "$T/scene" "$port" "$P" "$hop" || harness_failed=1
