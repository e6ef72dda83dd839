# timeout: 1800
# Memory runs out at the n-th allocation, once and for ever, of the program and its libraries:
# it ends in words, with a clean exit code and no wrong state, and the next run completes.
# A sample of each kind of work; every STRIDE-th allocation with LONG=1 (STRIDE=1: each).
# Nothing here is about the disk, so the folders are in memory where there is such a place.
# SEED=n for another sample, LANES=n at once, ONLY=smtp, … for one kind of work.
if [ -w /dev/shm ]; then
	export TMPDIR=/dev/shm
fi
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
[ -e "$BUILD/tests/tools/libfailalloc.so" ] || skip_all 'a sanitizer has an allocator of its own'
. "$ROOT/tests/e2e/lib/certificate.sh"
python3 "$ROOT/tests/e2e/alloc/alloc.py" "$T/scene" "${SEED:-1}" "${LANES:-3}" "${STRIDE:-1}" \
	"${ONLY-}" || harness_failed=1
