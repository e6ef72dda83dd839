#!/bin/sh
# How it goes: the line at a terminal, plain lines, NDJSON, SIGUSR1; Ctrl-C and SIGTERM; and
# campaign status from another terminal.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
sed -i 's/^  outbox: .*/  outbox: {type: maildir, path: outbox, rate: [12\/s]}/' facteur.yaml

# begin NAME OPTIONS…: a send in the background that takes a while.
begin() {
	name=$1
	shift
	start "$name" "$FACTEUR" send --to membres --template note --mode individual --yes --expect-count 24 "$@"
}
log() {
	printf '%s' "$T/servers/$1.log"
}
# more_than N CAMPAIGN
more_than() {
	[ "$(sqlite3 facteur.db "SELECT coalesce(sum(accepted), 0) FROM campaign WHERE id = $2")" -gt "$1" ]
}
some_went() {
	more_than 0 "$1"
}
over() {
	harness_gone "$(server_pid "$1")"
}

# Slow, so that each is still at it when it is asked.
slow=--set=relays.outbox.rate=2/s
it 'plain: a line when SIGUSR1 asks for it, at once'
begin plain --progress plain "$slow"
wait_for 10 some_went 1
kill -s USR1 "$(server_pid plain)"
ok wait_for 2 grep -qE '^[0-9]+ of 24 \([0-9]+ %\)' "$(log plain)"
kill -s TERM "$(server_pid plain)"
wait_for 10 over plain
it 'and no other, for it took less than half a minute'
expect_out 1 grep -cE '^[0-9]+ of 24 \(' "$(log plain)"
it 'no terminal, no codes'
expect_code 1 grep -q "$(printf '\033')" "$(log plain)"
it 'none: SIGUSR1 shows nothing and ends nothing'
begin none --progress none "$slow"
wait_for 10 some_went 2
kill -s USR1 "$(server_pid none)"
ok wait_for 10 more_than 3 2
kill -s TERM "$(server_pid none)"
wait_for 10 over none
expect_code 1 grep -qE '^[0-9]+ of 24 \(' "$(log none)"
expect_out 1 grep -c '^To go on: facteur campaign resume 2$' "$(log none)"
it 'quiet is quiet'
start quiet "$FACTEUR" -q send --to membres --template note --mode individual --yes --expect-count 24 "$slow"
wait_for 10 some_went 3
kill -s USR1 "$(server_pid quiet)"
ok wait_for 10 more_than 3 3
kill -s TERM "$(server_pid quiet)"
wait_for 10 over quiet
expect_out 0 stat -c %s "$(log quiet)"
for id in 1 2 3; do
	facteur -q campaign cancel "$id"
done

it 'json: one object a line, the summary last'
expect_code 0 facteur send --to membres --template note --mode individual --yes --expect-count 24 \
	--progress json --json
cat >check.py <<'P'
import datetime
import json
import sys
rows = [json.loads(line) for line in open(sys.argv[1])]
summary = rows.pop()
assert "type" not in summary and summary["accepted"] == 24, summary
assert len(rows) >= 2, rows
keys = {"schema", "type", "at", "campaign", "state", "total", "accepted", "deferred", "refused", "uncertain",
        "skipped", "cancelled", "pending", "delivered", "bounced", "complained", "flying", "per_minute", "eta", "waiting", "until", "hints", "relays"}
for row in rows:
    assert set(row) == keys, set(row) ^ keys
    assert row["schema"] == 1 and row["type"] == "progress" and row["campaign"] == 4
    assert row["accepted"] + row["pending"] == row["total"] == 24
    for moment in ("at", "eta", "until"):
        assert row[moment] is None or datetime.datetime.fromisoformat(row[moment].replace("Z", "+00:00"))
assert [row["accepted"] for row in rows] == sorted(row["accepted"] for row in rows)
P
it 'with all its fields'
cp "$T/out" rows.json
ok python3 check.py rows.json

it 'status from another terminal: who sends, and how it goes'
begin watched --progress none "$slow"
wait_for 10 some_went 5
cat >status.py <<'P'
import json
import sys
doc = json.load(open(sys.argv[2]))
assert doc["schema"] == 1 and len(doc["campaigns"]) == 1, doc
c = doc["campaigns"][0]
assert c["campaign"]["id"] == 5 and c["campaign"]["state"] == "sending"
assert [s["pid"] for s in c["senders"]] == [int(sys.argv[1])] and c["senders"][0]["here"], c["senders"]
assert c["per_minute"] > 0 and c["eta"] is not None and c["opens"] is None and c["next_due"] is None
assert c["totals"]["accepted"] > 0 and c["totals"]["total"] == 24
assert c["quotas"][0]["count"] == 12 and c["quotas"][0]["window_ms"] == 1000
P
facteur campaign status --json >status.json
facteur campaign status >status.txt
ok python3 status.py "$(server_pid watched)" status.json
it 'in words'
expect_out 1 grep -c "^Sender: *process $(server_pid watched), since [0-9]" status.txt
expect_out 1 grep -cE '^Done: +[0-9]+ of 24: [0-9]+ accepted, 0 refused, 0 uncertain, 0 left out$' status.txt
expect_out 1 grep -cE '^Speed: .*; [0-9]+ in the last minute$' status.txt
expect_out 1 grep -cE '^Quota: +12/s, ' status.txt
it 'killed: its status says that nobody is at it'
kill -s KILL "$(server_pid watched)"
wait_for 5 over watched
expect_code 0 facteur campaign status 5
out_like '^Sender: +none is alive; facteur campaign resume 5 goes on$'
it 'done: only what became of it'
expect_code 0 facteur campaign resume 5
expect_code 0 facteur campaign status 5
out_like '^State: +done$'
out_unlike '^(Speed|Sender|Ends|Quota):'
it 'nothing under way: the last one there was'
expect_code 0 facteur campaign status
out_like '^Campaign: +5,'
it 'a campaign that is not there'
expect_err_like 66 'no campaign 99' facteur campaign status 99

# A relay that takes all but never answers to a whole message.
cat >silent.py <<'P'
import socketserver, sys
class Silent(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"220 relay.example\r\n")
        data = False
        for line in self.rfile:
            if data:
                continue
            data = line.upper().startswith(b"DATA")
            self.wfile.write(b"354 go on\r\n" if data else b"250 2.0.0 Ok\r\n")
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
Server(("127.0.0.1", int(sys.argv[1])), Silent).serve_forever()
P
port=$(free_port)
start silent python3 silent.py "$port"
wait_port "$port"
cat >silent.yaml <<Y
database: facteur.db
identity: {from: "Association Exemple <contact@asso.example>", organisation: A, postal_address: B}
relays: {silent: {type: smtp, host: 127.0.0.1, port: $port, tls: none}}
safety: {live: true}
Y
committed() {
	[ "$(sqlite3 facteur.db "SELECT coalesce(sum(committed), 0) FROM campaign WHERE id = $1")" -gt 0 ]
}
now_ms() {
	date +%s%3N
}
for signals in 1 2; do
	id=$((5 + signals))
	start stopped "$FACTEUR" -c silent.yaml send --to membres --template note --mode individual --yes --expect-count 24
	wait_for 10 committed "$id"
	began=$(now_ms)
	kill -s TERM "$(server_pid stopped)"
	if [ "$signals" -eq 2 ]; then
		wait_for 5 grep -q '^Stopping: .* Once more, and it stops at once' "$(log stopped)"
		began=$(now_ms)
		kill -s INT "$(server_pid stopped)"
	fi
	wait_for 10 over stopped
	took=$(($(now_ms) - began))
	it "SIGTERM, $signals of 2 signals, and a relay that is silent: it took $took ms"
	ok test "$took" -lt $((signals == 1 ? 5000 : 1000))
	it 'it says what is finished, and how to go on'
	expect_out 1 grep -cE '^Stopping: [0-9]+ messages? in flight' "$(log stopped)"
	expect_out 1 grep -c "^To go on: facteur campaign resume $id\$" "$(log stopped)"
	it 'those without an answer are uncertain, the others still to do'
	expect_code 0 facteur campaign show "$id" --json
	uncertain=$(json totals.uncertain)
	pending=$(json totals.pending)
	ok test "$uncertain" -gt 0
	ok test $((uncertain + pending)) -eq 24
	expect_out 0 sqlite3 facteur.db "SELECT claimed + committed FROM campaign WHERE id = $id"
done

need tmux
screen() {
	tmux -L "facteur$$" "$@"
}
shown() {
	screen capture-pane -p -t t | grep -qE -- "$1"
}
screen -f /dev/null new-session -d -s t -x 100 -y 20 \
	"$FACTEUR send --to membres --template note --mode individual --yes --expect-count 24 \
	--set 'relays.outbox.rate=3/s'; echo \"code \$?\" >code.txt; sleep 30"
it 'at a terminal: one line that is overwritten'
ok wait_for 10 shown '^[0-9]+ of 24 \([0-9]+ %\), [0-9.]+/s, ends within a minute$'
expect_out 1 sh -c "tmux -L facteur$$ capture-pane -p -t t | grep -cE '^[0-9]+ of 24'"
it 'no wider than the terminal, when that gets smaller'
screen resize-window -t t -x 30
ok wait_for 5 shown '^[0-9]+ of 24 \([0-9]+ %\), [0-9.]+/s$'
screen resize-window -t t -x 100
it 'Ctrl-C: what is in flight is finished, and how to go on'
screen send-keys -t t C-c
ok wait_for 10 test -s code.txt
file_is code.txt 'code 75'
ok shown '^To go on: facteur campaign resume 8$'
it 'the line is gone'
no shown '^[0-9]+ of 24 \([0-9]+ %\)'
screen kill-server
it 'nobody is uncertain'
expect_code 0 facteur campaign resume 8 --json
json_is accepted 24
json_is uncertain 0
