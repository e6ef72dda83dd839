# timeout: 240
# aiosmtpd keeps every envelope and every byte: 1,000 members in blind copy and one by one,
# who saw what, and refusals of every kind as the report tells them.
. "$ROOT/tests/cli/lib.sh"
need python3
python3 -c 'import aiosmtpd' 2>/dev/null || skip_all 'no aiosmtpd here'
python3 "$ROOT/tests/e2e/aiosmtpd/envelopes.py" "$T/scene"
