# timeout: 180
# Postfix's smtp-sink writes a file for each message: 2,000 members over several connections,
# each once, in both modes.
. "$ROOT/tests/cli/lib.sh"
PATH=$PATH:/usr/sbin
need python3 smtp-sink
export ASAN_OPTIONS="${ASAN_OPTIONS-}:detect_leaks=0"	# it cannot look for them under strace
python3 "$ROOT/tests/e2e/smtp-sink/sink.py" "$T/scene" || harness_failed=1
