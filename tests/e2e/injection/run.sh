# timeout: 240
# Line ends, control characters, addresses and markup in every field that a user or a file can
# fill: either it is refused in words, or what arrives has the headers, the envelope and the
# elements it has with a harmless value, one message for each DATA.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 "$ROOT/tests/e2e/injection/injection.py" "$T/scene" || harness_failed=1
