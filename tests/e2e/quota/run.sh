# timeout: 300
# Quotas at random, judged by what the relay has written down. SEED=n for others; LONG=1: 200.
. "$ROOT/tests/cli/lib.sh"
need python3
it 'the judge finds one too many, and nothing where there is none'
printf '{"at": %s, "n": 1}\n' 0 500000000 1000000000 >exceeded.ndjson
printf '{"at": %s, "n": 1}\n' 0 500000000 1000000001 >kept.ndjson
no python3 "$ROOT/tests/e2e/quota/judge.py" exceeded.ndjson 2/1
ok python3 "$ROOT/tests/e2e/quota/judge.py" kept.ndjson 2/1
it ''
python3 "$ROOT/tests/e2e/quota/scenes.py" "$T/scene" || harness_failed=1
python3 "$ROOT/tests/e2e/quota/schedules.py" "$T/scene" "${SEED:-1}" || harness_failed=1
