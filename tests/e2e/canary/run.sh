# timeout: 180
# A secret in each place where the configuration may have one goes through every command, servers
# repeat it, mistakes stand around it, the process is dumped: it must be found nowhere.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
python3 "$ROOT/tests/e2e/canary/canary.py" "$T/scene/c" || harness_failed=1
