#!/bin/sh
# When a campaign is sent: --at, sending hours, the deadline, warm-up; and one that is late.
# timeout: 180
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv

# send OPTIONS…: to the demo list, each alone, as JSON.
send() {
	facteur send --to membres --template note --mode individual --yes --expect-count 24 --json "$@"
}
# at 'YYYY-MM-DD HH:MM:SS' COMMAND…: with a clock that begins there, and goes on.
at() {
	moment=$1
	shift
	while :; do
		at_code=0
		faketime -f "@$moment" "$@" 2>"$T/at.err" || at_code=$?
		# It names a semaphore by its process id, and one that was killed left its own.
		grep -q 'sem_open: File exists' "$T/at.err" || break
	done
	cat "$T/at.err" >&2
	return "$at_code"
}
relay() {
	sed -i "s/^  outbox: .*/  outbox: {type: maildir, path: outbox$1}/" facteur.yaml
}

it 'a time that is none'
expect_err_like 64 '^facteur: --at: "noon" is no moment; write one as in "2026-12-01 09:00"' send --at noon
it 'a time that is past'
expect_err_like 64 '2020-01-01 09:00, which is past' send --at '2020-01-01 09:00'
it 'a time that is too far'
expect_err_like 64 'more than a year ahead' send --at '2099-01-01 09:00'
it 'a deadline that is none'
expect_err_like 64 '^facteur: --deadline: "soon" is no time' send --deadline soon
it 'nothing was made of any of them'
expect_out '[]' facteur campaign list --json

it 'the plan says when it begins'
expect_code 0 facteur send --to membres --template note --dry-run --at +2h
err_like '^Begins: .*, in 2 hours$'
it 'a send at a later time ends, to be resumed'
expect_code 75 send --at +2h
json_is state paused
json_is pending 24
ok test "$(json opens)" != null
it 'resumed too early it says the same, and leaves no trace'
before=$(sqlite3 facteur.db 'SELECT count(*) FROM event')
expect_code 75 facteur campaign resume 1
err_like 'It may not send before .* Then: facteur campaign resume 1; with --wait'
expect_out "$before" sqlite3 facteur.db 'SELECT count(*) FROM event'
it 'its status tells until when'
expect_code 0 facteur campaign status 1
out_like '^Waits: +until .*, when it may send$'
out_like '^To go on: +facteur campaign resume 1$'
it 'and so does campaign show'
expect_code 0 facteur campaign show 1
out_like '^Begins: +not before 20'
it 'as JSON'
expect_code 0 facteur campaign status 1 --json
out_like '"opens": "20'
it 'a campaign that is prepared for later asks when it is sent, and waits for its time'
expect_code 0 facteur campaign create --to membres --template note --mode individual --at +3h --deadline 36h
expect_err_like 77 'nobody is there to confirm' facteur campaign send 2
expect_code 75 facteur campaign send 2 --yes --expect-count 24
it 'time and deadline are kept with it'
expect_out 129600000 sqlite3 facteur.db "SELECT json_extract(frozen, '\$.deadline') FROM campaign WHERE id = 2"
it '--wait waits for its time'
expect_code 0 send --at +1s --wait
json_is accepted 24
it 'what waits is stopped by a signal, and can be resumed'
start waiter "$FACTEUR" send --to membres --template note --yes --expect-count 24 --at +2h --wait --progress plain
is_sending() {
	facteur campaign status --json | grep -q '"state": "sending"'
}
wait_for 10 is_sending
pid=$(server_pid waiter)
kill -s USR1 "$pid"
wait_for 5 grep -q '^0 of 24 (0 %), waits until .*, when it may send$' "$T/servers/waiter.log"
expect_out 1 grep -c '^0 of 24 (0 %), waits until .*, when it may send$' "$T/servers/waiter.log"
kill -s TERM "$pid"
it 'at once'
ok wait_for 3 harness_gone "$pid"
stop waiter
it 'with words about how to go on'
expect_out 1 grep -c '^To go on: facteur campaign resume 4$' "$T/servers/waiter.log"
it 'a campaign that waits is cancelled from elsewhere'
expect_code 0 facteur campaign cancel 1
expect_err_like 77 'cancelled' facteur campaign resume 1
facteur -q campaign cancel 2
facteur -q campaign cancel 4

if ! faketime -f '@2031-05-05 21:00:00' "$FACTEUR" version >/dev/null 2>&1; then
	skip 'clocks that show another time' 'no faketime here, or it does not go with this build'
	exit 0
fi
relay ', send_between: \"08:00-20:00 UTC\"'
it 'outside of the sending hours nothing is sent'
expect_code 75 at '2031-05-05 21:00:00' "$FACTEUR" send --to membres --template note --mode individual --yes \
	--expect-count 24
err_like '^Campaign 5: 0 of 24 accepted'
err_like '^Begins: +2031-05-06 08:00, in 11 hours$'
err_like '^Hours: +08:00-20:00 UTC$'
err_like 'It may not send before 2031-05-06 08:00'
it 'within them it is'
expect_code 0 at '2031-05-06 19:00:00' "$FACTEUR" campaign resume 5 --json
json_is accepted 24
it 'it begins by itself when they begin'
expect_code 0 at '2031-05-07 07:59:58' "$FACTEUR" send --to membres --template note --mode individual --yes \
	--expect-count 24 --json --wait
json_is accepted 24
it 'none of it before they began'
expect_out 0 sqlite3 facteur.db "SELECT count(*) FROM delivery d JOIN campaign c ON c.id = d.campaign_id
	WHERE d.state = 3 AND c.id = $(json campaign) AND d.updated < 1935907200000"
it 'when they end it stops, and nobody is kept in hand'
expect_code 75 at '2031-05-08 19:59:55' "$FACTEUR" send --to membres --template note --mode individual --yes \
	--expect-count 24 --json --set relays.outbox.rate=2/s
json_is state paused
json_is opens 2031-05-09T08:00:00.000Z
id=$(json campaign)
accepted=$(json accepted)
it 'some went, some are left'
ok test "$accepted" -gt 0 -a "$accepted" -lt 24
expect_out 0 sqlite3 facteur.db "SELECT claimed + committed FROM campaign WHERE id = $id"
it 'the last of them before the hours ended'
expect_out 0 sqlite3 facteur.db "SELECT count(*) FROM delivery WHERE campaign_id = $id AND state = 3
	AND updated >= 1936036801000"
it 'the next morning the others go'
expect_code 0 at '2031-05-09 08:00:00' "$FACTEUR" campaign resume "$id" --json
json_is accepted 24

relay ''
it 'late by more than a day: is this an old copy?'
expect_code 75 at '2031-06-01 08:00:00' "$FACTEUR" send --to membres --template note --yes --expect-count 24 \
	--json --at '2031-06-01 12:00'
id=$(json campaign)
expect_err_like 77 "Campaign $id was to begin on 2031-06-01 12:00, 25 hours ago" \
	at '2031-06-02 12:30:00' "$FACTEUR" campaign resume "$id"
err_like 'nobody is there to confirm, so nothing was sent; .*--late'
it 'said to be meant it is sent'
expect_code 0 at '2031-06-02 12:30:00' "$FACTEUR" campaign resume "$id" --late --json
json_is accepted 24
it 'late by less than a day it just is'
expect_code 75 at '2031-06-01 08:00:00' "$FACTEUR" send --to membres --template note --yes --expect-count 24 \
	--json --at '2031-06-01 12:00'
expect_code 0 at '2031-06-02 11:30:00' "$FACTEUR" campaign resume "$(json campaign)" --json
json_is accepted 24

sed -i 's/^  outbox: /  new: {type: maildir, path: new, warmup: {start: 10\/d}}\n&/' facteur.yaml
it 'a relay that warms up: the plan says how long it takes'
expect_code 0 facteur send --to membres --template note --mode individual --relay new --dry-run
err_like '^Quota: .*warms up'
err_like '^Time: +at least 2 days'
it 'a provider with a quota of its own: the plan waits for the last of its members'
printf 'destinations: {few: {domains: [example.org], rate: [4/h]}}\n' >>facteur.yaml
few=$(facteur list export membres | grep -c '@example\.org')
expect_code 0 facteur send --to membres --template note --mode individual --relay outbox --dry-run
err_like "^Time: +at least $(((few - 1) / 4)) hour"
sed -i '$d' facteur.yaml
clock=$(find /usr/lib -name libfaketime.so.1 | head -n 1)
# warm DAY COMMAND…: stopped once it waits for the quota; how many went, in $accepted.
warm() {
	day=$1
	shift
	# Not by the command faketime, which would be what is stopped.
	start warm env LD_PRELOAD="$clock" FAKETIME="@2031-07-$day 08:00:00" "$FACTEUR" "$@" \
		--progress none
	wait_for 10 held "$day"
	stop warm INT
	accepted=$(sqlite3 facteur.db "SELECT accepted FROM campaign WHERE relay = 'new'")
}
held() {
	[ "$(sqlite3 facteur.db "SELECT accepted FROM campaign WHERE relay = 'new'")" = "$want" ]
}
it 'on its first day ten go'
want=10
warm 01 send --to membres --template note --mode individual --relay new --yes --expect-count 24
expect_out 10 echo "$accepted"
it 'and no more, as long as it is that day'
id=$(sqlite3 facteur.db "SELECT id FROM campaign WHERE relay = 'new'")
run facteur campaign status "$id"
out_like '^Quota: +10/d \(warm-up\), '
