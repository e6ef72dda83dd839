# timeout: 180
# Reports as real servers write them: Postfix, Exim, OpenSMTPD and Dovecot are made to refuse,
# delay, relay, deliver and answer, and facteur bounce parse must come to the right verdict about
# each. In namespaces of their own, with a name service of their own: nothing leaves.
# `run.sh exim` plays that one only.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl unshare
[ "$(id -u)" -eq 0 ] || skip_all 'the servers want root'
unshare -mn true 2>/dev/null || skip_all 'no namespaces here'
chmod 711 "$T" # the servers have users of their own
unshare -mn python3 "$ROOT/tests/e2e/lib/zone.py" \
	python3 "$ROOT/tests/e2e/reports/reports.py" "$T/scene/m" "$@" || harness_failed=1
