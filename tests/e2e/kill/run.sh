# timeout: 900
# kill -9 at random moments, then resume, until everybody is decided: nobody is lost, nobody
# gets it twice, and at most one message for each connection is uncertain for each kill, by
# BDAT at most its window of eight; with a Maildir none. Then signals, and several senders at once.
# 10 kills for each kind of campaign; LONG=1: 360 in all. SEED=n for other moments.
. "$ROOT/tests/cli/lib.sh"
need python3
for part in kills outbox signals; do
	python3 "$ROOT/tests/e2e/kill/$part.py" "$T/work" "${SEED:-1}" || harness_failed=1
done
