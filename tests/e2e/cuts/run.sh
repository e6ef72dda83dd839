# timeout: 600
# The connection is cut at a byte of either direction: at every byte with LONG=1 (STRIDE=n:
# every n-th), else at a sample. What facteur says of each member afterwards equals what the
# server has taken. SEED=n for another sample; LANES=n at once; ONLY=plain, … for one conversation.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
. "$ROOT/tests/e2e/lib/certificate.sh"
python3 "$ROOT/tests/e2e/cuts/cuts.py" "$T/scene" "${SEED:-1}" "${LANES:-6}" "${STRIDE:-1}" \
	"${ONLY-}" || harness_failed=1
