# timeout: 240
# A relay that says 421, refuses, or breaks off in each phase: what the members become, who
# gets what how often, and what a resume and a retry do.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 "$ROOT/tests/e2e/faults/faults.py" "$T/scene" || harness_failed=1
