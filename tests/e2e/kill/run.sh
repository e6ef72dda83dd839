# timeout: 1500
# kill -9 at random moments, then resume, until everybody is decided: nobody is lost, nobody
# gets it twice, and at most as many messages are uncertain for each kill as were in flight: one
# for each connection where there is a quota, else four, by BDAT eight; with a Maildir none. Then kill -STOP for longer than the
# lease, signals, several senders at once.
# 500 kills in all, 10,000 with LONG=1; KILLS=n for another number, SEED=n for other moments,
# PART=kills, … for one part.
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
		python3 "$ROOT/tests/e2e/kill/$name.py" "$T/scene" "$SEED" "$@" || harness_failed=1
	fi
}

part kills $((KILLS * 9 / 10))
part outbox $((KILLS / 10))
if [ -n "$clock" ]; then
	part stops "$STOPS" "$clock"
else
	skip 'a sender that is stopped' 'no libfaketime here'
fi
part signals
