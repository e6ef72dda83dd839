#!/bin/sh
# The promises, attacked: lists, relays and servers that change or cheat while we send.
. "$ROOT/tests/cli/lib.sh"
here=$ROOT/tests/e2e/break
canary=hunter2canary

# config RELAYS LIVE
config() {
	cat >facteur.yaml <<-Y
		database: facteur.db
		identity: {from: "Asso <contact@example.org>", organisation: Asso, postal_address: here}
		relays: {$1}
		default_relay: out
		safety: {live: $2, bulk_threshold: 1000}
	Y
	chmod 600 facteur.yaml
}

# relay FOLDER FLAGS…: its port is in $port
relay() {
	mkdir "$T/$1"
	relay_name=$1
	shift
	start "$relay_name" /usr/bin/python3 "$here/relay.py" "$T/$relay_name" "$@"
	wait_for 10 test -s "$T/$relay_name/port"
	port=$(cat "$T/$relay_name/port")
}

config 'out: {type: maildir, path: outbox}' false
printf 'email,given_name,sponsor\nana@example.org,Ana,\nbob@example.org,Bob,\n' >members.csv
printf -- '---\nsubject: Hello\nlanguage: en\n---\nGood day {{given_name}}: {{sponsor|}}.\n' >note.md
for list in two hidden many; do facteur -q list create "$list"; done
facteur -q list import two members.csv
facteur -q template add note note.md

it 'P5: a list that changed since it was confirmed is not sent to'
if /usr/bin/python3 -c 'import os; os.openpty()' 2>"$T/why"; then
	run /usr/bin/python3 "$here/changes.py" "$FACTEUR" two
	code_is 77
	err_like 'would be 3 people now and not 2'
	no ls outbox/new/*
else
	skip 'the list changes while the question waits' 'no terminal can be opened here'
fi
facteur -q list remove two late@example.net

it 'P5: what was prepared for a folder does not reach people when the relay changes its type'
expect_code 0 facteur -q campaign create --to two --template note --relay out
relay trap
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none}" true
expect_err_like 77 'prepared for a folder' facteur campaign send 1 --yes --expect-count 2
no test -s "$T/trap/accepted"

config 'out: {type: maildir, path: outbox}' false

it 'P1: an address is found behind what a reader does not see'
# soft hyphen, zero width space, fullwidth and small @, variation selector, word joiner
for word in 'a\302\255na@example.org' 'ana@exa\342\200\213mple.org' 'ana\357\274\240example.org' \
	'ana\357\271\253example.org' 'ana\357\270\217@example.org' 'a\342\201\240na@example.org'; do
	# shellcheck disable=SC2059 # the escapes are the point
	printf "email,given_name,sponsor\nana@example.org,Ana,x\nbob@example.org,Bob,$word\n" >hidden.csv
	facteur -q list import hidden hidden.csv
	expect_err_like 77 'would show the address ana@example.org' \
		facteur send --to hidden --template note --yes --expect-count 2
done

it 'P7: a password that the server repeats is neither kept nor shown'
awk 'BEGIN { print "email,given_name"; for (i = 0; i < 30; i++) print "m" i "@example.net,M" }' >many.csv
facteur -q list import many many.csv
relay echo --echo
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none, username: u, password: $canary}" true
expect_err_like 69 'You said \*\*\*\*\*\*\*\* and \*\*\*\*\*\*\*\*, which' \
	facteur send --to many --template note --yes --expect-count 30
no grep -q "$canary" facteur.db* "$T/out" "$T/err"

it 'P5: a number that is given to resume must be right'
paused=$(facteur campaign list --json | sed -n 's/^ *"id": \([0-9]*\),*$/\1/p' | tail -n 1)
expect_err_like 77 'it would be 30' facteur campaign resume "$paused" --yes --expect-count 5

it 'P2: more connections than the server wants are no reason to stop'
relay single --one
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none, max_connections: 8}" true
expect_code 0 facteur -q send --to many --template note --yes --expect-count 30
ok test "$(sort -u "$T/single/accepted" | wc -l)" -eq 30
ok test "$(wc -l <"$T/single/accepted")" -eq 30

it 'P2: one member whom the relay refuses for policy does not block the campaign for ever'
printf 'email\npolicy@example.org\nana@example.org\nbob@example.org\n' >one.csv
printf 'email\npolicy1@example.org\npolicy2@example.org\npolicy3@example.org\npolicy4@example.org\n' >all.csv
printf -- '---\nsubject: Hello\nlanguage: en\n---\nGood day.\n' >plain.md
for list in one all; do
	facteur -q list create "$list"
	facteur -q list import "$list" "$list.csv"
done
facteur -q template add plain plain.md
relay policy
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none}" true
run facteur send --to one --template plain --mode individual --yes --expect-count 3 --json
# It may have been stopped by then, or not: that is a matter of who answers first.
blocked=$(facteur campaign list --json | sed -n 's/^ *"id": \([0-9]*\),*$/\1/p' | tail -n 1)
run facteur campaign resume "$blocked" --json
code_is 3
json_is accepted 2
json_is refused 1

it 'a relay that refuses everybody stops, and no member is marked refused'
run facteur send --to all --template plain --mode individual --yes --expect-count 4 --json
code_is 69
json_is refused 0
json_is pending 4

it 'P2: a server that ends what is idle, while a quota is waited for'
relay idle --idle
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none, rate: [1/s], max_connections: 3}" true
expect_code 0 timeout 60 "$FACTEUR" -q send --to many --template note --limit 8 --yes --expect-count 8
ok test "$(sort -u "$T/idle/accepted" | wc -l)" -eq 8
ok test "$(wc -l <"$T/idle/accepted")" -eq 8

it 'P8: a database that somebody changed is refused in words, and soon'
config 'out: {type: maildir, path: outbox}' false
facteur -q campaign create --to many --template note
last=$(facteur campaign list --json | sed -n 's/^ *"id": \([0-9]*\),*$/\1/p' | tail -n 1)
/usr/bin/python3 -c 'import sqlite3, sys
db = sqlite3.connect("facteur.db")
db.execute("PRAGMA ignore_check_constraints = 1")
db.execute("UPDATE delivery SET state = 99 WHERE campaign_id = ?", sys.argv[1:])
db.execute("UPDATE campaign SET state = 77 WHERE id = 1")
db.commit()' "$last"
expect_err_like 70 'change made to its database' timeout 20 "$FACTEUR" campaign send "$last" --yes --expect-count 30
expect_err_like 77 'campaign 1 is unknown' facteur campaign cancel 1

it 'a quota of a folder is waited for asleep'
config 'out: {type: maildir, path: outbox, rate: [1/s]}' false
ok /usr/bin/python3 -c 'import os, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = os.times()
sys.exit(used.children_user + used.children_system > 1.5)' "$FACTEUR" -q send --to many \
	--template note --limit 4 --yes --expect-count 4

it 'P2: a database that is put back from a copy knows that more was sent since'
relay since
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none, rate: [20/s], max_connections: 1}" true
start sender "$FACTEUR" -q send --to many --template note --yes --expect-count 30
ok wait_for 20 test -s "$T/since/accepted"
ok /usr/bin/python3 -c 'import sqlite3
sqlite3.connect("facteur.db").backup(sqlite3.connect("copy.db"))'
ok wait_for 60 harness_gone "$(server_pid sender)"
ok test "$(wc -l <"$T/since/accepted")" -eq 30
rm facteur.db facteur.db-wal facteur.db-shm 2>"$T/why"
cp copy.db facteur.db
chmod 600 facteur.db
last=$(facteur campaign list --json | sed -n 's/^ *"id": \([0-9]*\),*$/\1/p' | tail -n 1)
expect_err_like 77 'is an older copy: messages left until 20[-0-9]* [0-9:]* at least' \
	facteur campaign resume "$last"
expect_err_like 77 'is an older copy' \
	facteur send --to many --template note --limit 2 --yes --expect-count 2
expect_code 0 facteur campaign create --to many --template note --limit 2
expect_err_like 77 'is an older copy' facteur campaign send $((last + 1)) --yes --expect-count 2
ok test "$(wc -l <"$T/since/accepted")" -eq 30
it 'where it is meant, it is sent, and not asked about again'
run facteur campaign resume "$last" --restored
err_like 'is an older copy: some people may get it twice'
ok test "$(sort -u "$T/since/accepted" | wc -l)" -eq 30
ok test "$(wc -l <"$T/since/accepted")" -gt 30
expect_code 0 facteur -q campaign send $((last + 1)) --yes --expect-count 2
it 'a database without its file is sent from, and a sentence says what is not known'
expect_code 0 facteur -q campaign create --to many --template note --limit 2
expect_code 69 facteur -q campaign send $((last + 2)) --yes --expect-count 2 --set relays.out.port=9
rm facteur.db-sent
expect_err_like 0 'Without the file facteur.db-sent nobody can tell' facteur campaign resume $((last + 2))

it 'what a relay could not bear is not tried again by the next run'
awk 'BEGIN { print "email,given_name"; for (i = 0; i < 300; i++) print "p" i "@example.net,P" }' >people.csv
facteur -q list create people
facteur -q list import people people.csv
relay frail --frail
config "out: {type: smtp, host: 127.0.0.1, port: $port, tls: none, max_connections: 1}" true
start sender "$FACTEUR" -q send --to people --template plain --mode individual --yes --expect-count 300
ok wait_for 20 sh -c "[ \"\$(wc -l <'$T/frail/accepted')\" -ge 10 ]"
stop sender
ok test "$(wc -l <"$T/frail/early")" -ge 1
last=$(facteur campaign list --json | sed -n 's/^ *"id": \([0-9]*\),*$/\1/p' | tail -n 1)
run facteur report "$last" --json
lost=$(json totals.uncertain)
ok test "$lost" -ge 1
: >"$T/frail/early"
start sender "$FACTEUR" -q campaign resume "$last"
ok wait_for 20 sh -c "[ \"\$(wc -l <'$T/frail/accepted')\" -ge 40 ]"
stop sender
no test -s "$T/frail/early"
