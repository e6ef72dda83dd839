# timeout: 900
# Each system call of a campaign fails, once and for ever, with errors of disk and network
# (strace injects them): a clean exit code, no wrong state, and a resume completes. Every
# call with LONG=1 (STRIDE=n: every n-th), else a sample: SEED=n for another one. LANES=n at once.
. "$ROOT/tests/cli/lib.sh"
need python3 strace
grep -q __asan_init "$FACTEUR" && skip_all "AddressSanitizer's own calls would fail"
strace -o /dev/null -e inject=getpid:error=EIO:when=9999 true 2>"$T/err" ||
	skip_all 'strace may not trace here'
python3 "$ROOT/tests/e2e/syscalls/syscalls.py" "$T/scene" "${SEED:-1}" "${LANES:-4}" "${STRIDE:-1}" ||
	harness_failed=1
