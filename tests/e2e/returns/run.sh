# timeout: 240
# A campaign of a thousand through a Postfix that takes nearly all, and later bounces, delays and
# hands on a known mix; there are complaints and absences as well. facteur bounce fetch reads the
# mailbox, and the numbers of the report are those of the mix: at once, again, and after 50 kills.
# In namespaces of their own, with a name service of their own: nothing leaves.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl unshare
[ "$(id -u)" -eq 0 ] || skip_all 'the master of Postfix runs as root only'
unshare -mn true 2>/dev/null || skip_all 'no namespaces here'
chmod 711 "$T" # the servers have users of their own
unshare -mn python3 "$ROOT/tests/e2e/lib/zone.py" python3 "$ROOT/tests/e2e/returns/returns.py" \
	"$T/scene/m" "${SEED:-1}" "${KILLS:-50}" || harness_failed=1
