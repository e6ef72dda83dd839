# The proxy that other tests and the benchmarks put in the way does what its manual says.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 "$ROOT/tests/e2e/proxy/proxy.py" || harness_failed=1
