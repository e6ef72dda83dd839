# timeout: 240
# A relay that says 421, refuses, or breaks off while a window of whole messages is on its way
# by BDAT; and how wide the window is.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 "$ROOT/tests/e2e/window/window.py" "$T/scene" || harness_failed=1
