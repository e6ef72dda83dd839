# timeout: 600
# Several relays for one campaign: shares, a reserve, and what happens when one fails. What a
# relay may have taken is given to no other.
# KILLS=n for another number of kills, SEED=n for other moments.
. "$ROOT/tests/cli/lib.sh"
need python3
clock=$(find /usr/lib -name libfaketimeMT.so.1 2>"$T/err" | head -n 1)
export ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0"	# libfaketime comes first
python3 "$ROOT/tests/e2e/relays/relays.py" "$T/scene" "${SEED:-1}" "${KILLS:-25}" "$clock" ||
	harness_failed=1
