# timeout: 600
# Mailboxes of a real Dovecot by IMAP and POP3: each message exactly once, whatever its number,
# however often the program is killed; what becomes of them there; connections that must come
# to nothing. LONG: 100,000 messages and fifty kills instead of 10,000 and eight.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
for harness_program in imap pop3; do
	[ -x "/usr/lib/dovecot/$harness_program" ] || skip_all "no dovecot-${harness_program}d here"
done
chmod 711 "$T" # Dovecot has users of its own
python3 "$ROOT/tests/e2e/fetch/mailboxes.py" "$T/scene/m" || harness_failed=1
