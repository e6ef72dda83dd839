# timeout: 1500
# kill -9 at random moments, then resume, until everybody is decided: nobody is lost, nobody
# gets it twice, and at most as many messages are uncertain for each kill as were in flight: one
# for each connection where there is a quota, else four, by BDAT eight; with a Maildir none. Then kill -STOP for longer than the
# lease, signals, several senders at once.
# 500 kills in all, 10,000 with LONG=1; KILLS=n for another number, SEED=n for other moments,
# PART=kills, … for one part, ONLY='killed early', … for one kind of it.
. "$ROOT/tests/cli/lib.sh"
need python3
export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"	# libfaketime comes first
if [ -n "${LONG-}" ]; then
	: "${KILLS:=10000}" "${STOPS:=60}"
fi
: "${KILLS:=500}" "${STOPS:=3}" "${SEED:=1}"
clock=$(find /usr/lib -name libfaketimeMT.so.1 2>"$T/err" | head -n 1)

# part NAME ARGUMENTS…
part() {
	name=$1
	shift
	if [ "${PART:-$name}" = "$name" ]; then
		python3 "$ROOT/tests/e2e/kill/$name.py" "$T/scene" "$SEED" "$@"
	fi
}

# The stopped ones mostly wait for each other: that is no reason for the killed ones to wait.
[ -n "$clock" ] || skip 'a sender that is stopped' 'no libfaketime here'
[ -z "$clock" ] || part stops "$STOPS" "$clock" >"$T/stops" 2>&1 &
stops=$!
part kills $((KILLS * 9 / 10)) "${ONLY-}" || harness_failed=1
part outbox $((KILLS / 10)) || harness_failed=1
part signals || harness_failed=1
wait "$stops" || harness_failed=1
cat "$T/stops"
