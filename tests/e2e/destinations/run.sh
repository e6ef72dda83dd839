# timeout: 120
# Providers that are slow, or ask for less: nobody else waits for them, and they are left alone.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 "$ROOT/tests/e2e/destinations/destinations.py" "$T/scene" || harness_failed=1
