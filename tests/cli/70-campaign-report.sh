#!/bin/sh
# Campaigns from prepared to done, a relay that refuses some, and reports that add up.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1

it 'no campaign yet: what to do'
expect_code 0 facteur campaign list
err_like 'facteur send'
it 'as JSON that is an empty array'
expect_out '[]' facteur campaign list --json
facteur -q list import membres lists/membres.csv
it 'prepare'
expect_code 0 facteur campaign create --to membres --template note --mode bcc --name 'Le mot du mois'
err_like 'Campaign 1 is prepared.*facteur campaign send 1'
it 'prepare, as JSON'
expect_code 0 facteur campaign create --to membres --template newsletter --json
json_is schema 1
json_is campaign 2
json_is recipients 24
it 'what is prepared is not changed by what comes after'
facteur -q list add membres late@example.org
printf -- '---\nsubject: Autre chose\n---\nB\n' >other.md
facteur -q template add note other.md
it 'campaign show'
expect_code 0 facteur campaign show 1
out_like '^Campaign: +1, Le mot du mois$'
out_like '^State: +prepared$'
out_like '^List: +membres, 24 people$'
out_like '^Template: +note, version 1$'
out_like '^So far: +0 accepted, 0 refused, 0 uncertain, 24 to do$'
it 'campaign show as JSON'
expect_code 0 facteur campaign show 1 --json
json_is schema 1
json_is state prepared
json_is totals.pending 24
it 'what was never begun cannot be resumed'
expect_err_like 77 'never begun; facteur campaign send 1' facteur campaign resume 1
it 'nor sent without confirmation'
expect_err_like 77 'expect-count 24' facteur campaign send 1
it 'nor with the wrong number'
expect_code 77 facteur campaign send 1 --yes --expect-count 25
it 'send it'
expect_code 0 facteur campaign send 1 --yes --expect-count 24 --json
json_is campaign 1
json_is state 'done'
json_is accepted 24
it 'with the text of that time'
expect_out 0 sh -c 'grep -rl "Autre chose" outbox/new | wc -l'
it 'send it again: no'
expect_err_like 77 'campaign 1 is done, so nothing was sent' facteur campaign send 1 --yes --expect-count 24
it 'resume when done: nothing to do, the sums all the same'
expect_code 0 facteur campaign resume 1 --json
json_is state 'done'
json_is accepted 24
it 'pause when done'
expect_code 77 facteur campaign pause 1
it 'cancel what is prepared'
expect_code 0 facteur campaign cancel 2
it 'is for good'
expect_err_like 77 'cancelled, so nothing was sent' facteur campaign send 2 --yes --expect-count 24
expect_code 77 facteur campaign resume 2
it 'retry which ones?'
expect_err_like 64 'uncertain' facteur campaign retry 1
it 'retry when nobody is uncertain'
expect_code 0 facteur campaign retry 1 --uncertain
err_like 'nobody is uncertain'
it 'all campaigns, oldest first'
expect_out - facteur campaign list <<'O'
Number  Name                State      People  Accepted  Refused  Uncertain  To do
     1  Le mot du mois      done           24        24        0          0      0
     2  membres newsletter  cancelled      24         0        0          0      0
O
it 'all campaigns as JSON'
expect_code 0 facteur campaign list --json
json_is 0.id 1
json_is 0.name 'Le mot du mois'
json_is 0.state 'done'
json_is 1.state cancelled
for verb in show send pause resume cancel; do
	it "$verb of a campaign that is not there"
	expect_err_like 66 'no campaign 99.*campaign list' facteur campaign "$verb" 99
done
it 'report of a campaign that is not there'
expect_err_like 66 'no campaign 99' facteur report 99
it 'a campaign that is no number'
expect_err_like 64 '"first" is not the number of a campaign' facteur report first
it 'retry of a campaign that is not there'
expect_err_like 66 'no campaign 99' facteur campaign retry 99 --uncertain
it 'report in words'
expect_code 0 facteur report 1
out_like '^Campaign 1: Le mot du mois \(done\)$'
out_like '^Accepted by the relay +24$'
out_like '^Recipients in all +24$'
out_like '^example.org +11 +11 +0 +0 +0 +0 +0$'
it 'report of what was cancelled'
expect_code 0 facteur report 2
out_like '^Cancelled +24$'

# A relay that refuses two, defers one, and takes the others.
cat >relay.py <<'P'
import asyncio, sys
from aiosmtpd.controller import Controller

class Moody:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith(("ana.", "bo.")) or address.startswith("zoe."):
            return "550 5.1.1 <%s> is unknown here" % address
        if address.startswith("loic."):
            return "450 4.2.2 mailbox full, try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        return "250 2.0.0 taken"

c = Controller(Moody(), hostname="127.0.0.1", port=int(sys.argv[1]))
c.start()
asyncio.new_event_loop().run_forever()
P
if ! python3 -c 'import aiosmtpd' 2>/dev/null; then
	skip 'a relay that refuses some' 'no aiosmtpd here'
	exit 0
fi
port=$(free_port)
start relay python3 relay.py "$port"
wait_port "$port"
export FACTEUR_SAFETY_LIVE=true
cat >>facteur.yaml <<Y
# a relay of the test
Y
sed -i "s/^  outbox: .*/&\n  moody: {type: smtp, host: 127.0.0.1, port: $port, tls: none}/" facteur.yaml
facteur -q list remove membres late@example.org
for mode in individual bcc; do
	it "some refused, one deferred, in mode $mode: the exit code says so"
	expect_code 75 facteur send --relay moody --to membres --template note --mode "$mode" --yes \
		--expect-count 24 --json
	json_is total 24
	json_is accepted 21
	json_is refused 2
	json_is deferred 1
	id=$(json campaign)
	it "report in mode $mode: reasons"
	expect_code 0 facteur report "$id"
	out_like '^Refused +2$'
	out_like '^Deferred, to be tried again +1$'
	out_like '^the address does not exist +refused +2 '
	it "report as JSON in mode $mode: every sum holds"
	facteur report "$id" --json >report.json
	facteur report "$id" --recipients --json >recipients.ndjson
	cat >sums.py <<'P'
import collections, json
r = json.load(open("report.json"))
rows = [json.loads(l) for l in open("recipients.ndjson")]
states = "accepted deferred refused uncertain skipped cancelled pending".split()
t = r["totals"]
assert r["schema"] == 1 and t["total"] == 24 == sum(t[s] for s in states) == len(rows)
assert len({x["address"] for x in rows}) == 24
count = collections.Counter(x["state"] for x in rows)
assert all(count[s] == t[s] for s in states), count
for s in states + ["total"]:
    assert sum(d[s] for d in r["destinations"]) == t[s], s
refused = [x for x in rows if x["state"] == "refused"]
assert {x["reply_code"] for x in refused} == {550} and {x["status"] for x in refused} == {"5.1.1"}
assert sum(x["people"] if "people" in x else x["count"] for x in r["reasons"] if x["state"] == "refused") == 2
P
	ok python3 sums.py
	it "report as text, one line for each recipient, in mode $mode"
	expect_out 24 sh -c "\"\$FACTEUR\" report $id --recipients | wc -l"
	expect_code 0 facteur report "$id" --recipients
	out_like '^refused	ana\.ruiz@example\.org	'
	it "report --format json is report --json"
	expect_out - facteur report "$id" --format json <report.json
	it "who does not exist is never mailed again, in mode $mode, until somebody says so"
	expect_code 0 facteur suppress list
	out_like "^[-0-9]+ [0-9:]+	ana\.ruiz@example\.org	the address does not exist \(refused in campaign $id\)"
	expect_out 2 sh -c '"$FACTEUR" suppress list | wc -l'
	facteur suppress list | cut -f2 >refused.txt
	# shellcheck disable=SC2046
	expect_code 0 facteur suppress remove $(cat refused.txt)
	expect_err_like 0 'Everybody may be mailed' facteur suppress list
done
it 'some refused and nobody left to do: the exit code is another'
facteur -q list create few
facteur -q list add few ana.ruiz@example.org paul.dupont@example.net
expect_code 3 facteur send --relay moody --to few --template note --yes --expect-count 2 --json
json_is state 'done'
json_is accepted 1
json_is refused 1
facteur -q suppress remove ana.ruiz@example.org
it 'in words: who says why'
expect_code 3 facteur send --relay moody --to few --template note --yes --expect-count 2
err_like '^1 refused: facteur report [0-9]+ says why'
it 'too many who do not exist: the campaign is paused, with the cause and what to do'
facteur -q suppress remove ana.ruiz@example.org
expect_code 75 facteur send --relay moody --to membres --template note --mode individual --yes \
	--expect-count 24 --json --set bounces.least.hard=2 --set bounces.pause.hard=1%
json_is state paused
json_is refused 2
err_like '^Attention: addresses do not exist: 2 of [0-9]+\.$'
err_like 'campaign was paused for it'
paused=$(json campaign)
expect_code 0 facteur report "$paused"
out_like '^Attention: addresses do not exist: 2 of [0-9]+\.$'
it 'who resumes it has decided'
expect_code 75 facteur campaign resume "$paused" --json --set bounces.least.hard=2 \
	--set bounces.pause.hard=1%
json_is accepted 21
facteur -q campaign cancel "$paused"
it 'pause keeps it from being resumed by itself, cancel ends it'
expect_code 0 facteur campaign cancel "$id"
expect_code 0 facteur campaign show "$id" --json
json_is state cancelled
json_is totals.accepted 21
json_is totals.cancelled 1
it 'the log of events is whole'
ok facteur audit verify
