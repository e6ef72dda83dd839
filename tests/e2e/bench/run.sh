# timeout: 60
# What the benchmarks trust: the sink that counts messages counts them right, and the senders
# it is given send what they say.
. "$ROOT/tests/cli/lib.sh"
need python3
mkdir -p "$T/scene"
python3 "$ROOT/tests/e2e/bench/counting.py" "$T/scene" || harness_failed=1
