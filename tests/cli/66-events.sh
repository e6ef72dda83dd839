#!/bin/sh
# What relays tell of the messages, as files: good and bad ones, twice, from a pipe, and what they
# do to members. Only who names a message of ours acts.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
facteur -q send --to membres --template newsletter --mode individual --yes --expect-count 24

# message N: sets token and to of the Nth message sent.
message() {
	file=$(find outbox/new -type f | sort | sed -n "$1p")
	token=$(sed -n 's/^X-Facteur-Token: //p' "$file" | tr -d '\r')
	to=$(sed -n 's/^To: .*<\(.*\)>.*/\1/p; s/^To: \([^<]*@[^<]*\)$/\1/p' "$file" | tr -d '\r')
}

message 1
one=$to
cat >mixed.json <<END
[
  {"event": "bounce", "time": 1795000000, "MessageID": 18446744073709551617, "email": "$to", "CustomID": "$token",
   "hard_bounce": true, "error_related_to": "recipient", "error": "user unknown", "comment": ""},
  {"event": "bounce", "time": 1795000000 "MessageID": 2, "email": "$to"},
  {"event": "open", "MessageID": 3, "email": "$to"},
  {"event": "moon landing", "MessageID": 4, "email": "$to"},
]
END
it 'good and bad ones: the good are taken, the bad are told and kept'
expect_code 65 facteur event import mixed.json --json
json_is schema 1
json_is taken 1
json_is failed 1
json_is suppressed 1
json_is ours 1
json_is ignored 1
json_is rejected 2
json_is rejects_files.0 mixed.json.rejects
err_like '^mixed.json:4:[0-9]+: this is no JSON'
err_like '^mixed.json:6:3: an event that is not known here: moon landing$'
it 'what was refused, as it was'
file_is mixed.json.rejects - <<END
# mixed.json:4:52: this is no JSON: '}' expected near '"MessageID"'
{"event": "bounce", "time": 1795000000 "MessageID": 2, "email": "$to"}
# mixed.json:6:3: an event that is not known here: moon landing
{"event": "moon landing", "MessageID": 4, "email": "$to"}
END
expect_out 600 stat -c %a mixed.json.rejects
it 'who is unknown is not mailed again'
run facteur suppress list
out_like "$one.*does not exist"
it 'the same again changes nothing'
expect_code 65 facteur event import mixed.json --json
json_is taken 0
json_is known 1
json_is rejects_files.0 mixed.json.rejects-2
it 'corrected, they are imported'
sed -i 's/1795000000 "Mess/1795000000, "Mess/; /moon landing/d' mixed.json.rejects
expect_code 0 facteur event import mixed.json.rejects --json
json_is taken 1
json_is rejected 0
json_is rejects_files '[]'

it 'of several providers, from a pipe, in one go'
message 2
two=$to
{
	printf '{"event":"unsubscribe","email":"%s","message-id":"<%s.x@asso.example>","ts_event":1795000000}\n' "$to" "$token"
	message 3
	printf '{"RecordType":"SpamComplaint","ID":9,"Type":"SpamComplaint","TypeCode":100001,"Email":"%s","Metadata":{"facteur":"%s"}}' \
		"$to" "$token"
	message 4
	printf '[[{"email":"%s","event":"delivered","sg_event_id":"e1","timestamp":1795000000,"facteur":"%s"}]]' "$to" "$token"
	message 5
	printf '{"event-data":{"event":"failed","severity":"temporary","reason":"generic","recipient":"%s","timestamp":1795000000.25,"id":"m1","user-variables":{"facteur":"%s"}}}' \
		"$to" "$token"
	message 6
	printf '{"Type":"Notification","Message":"{\\"eventType\\":\\"Bounce\\",\\"bounce\\":{\\"bounceType\\":\\"Permanent\\",\\"bounceSubType\\":\\"OnAccountSuppressionList\\",\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"%s\\"}],\\"feedbackId\\":\\"f\\"},\\"mail\\":{\\"messageId\\":\\"m\\",\\"headers\\":[{\\"name\\":\\"X-Facteur-Token\\",\\"value\\":\\"%s\\"}]}}"}' \
		"$to" "$token"
	six=$to
} >all.json
message 6
six=$to
with_input - <all.json
expect_code 0 facteur event import - --json
json_is taken 5
json_is ours 5
json_is failed 1
json_is delayed 1
json_is delivered 1
json_is complaints 1
json_is unsubscribes 1
json_is unsubscribed 2
run facteur suppress list
out_like "$six.*relay keeps the address off"
it 'who left is off the list'
run facteur list show membres
out_like '^Unsubscribed: +2$'
run facteur list export membres
out_unlike "$two"

it 'an event that names no message of ours acts on nobody'
message 7
printf '{"event":"bounce","time":1795000000,"MessageID":70,"email":"%s","hard_bounce":true,"error":"user unknown"}\n' \
	"$to" >foreign.json
expect_code 0 facteur event import foreign.json --json
json_is taken 1
json_is ours 0
json_is suppressed 0
json_is proposed 1
it 'nor does a token that is not ours, or altered'
printf '{"event":"spam","MessageID":71,"email":"%s","CustomID":"rabcabcdefghijklmnop"}\n' "$to" >forged.json
case $token in
*a) altered=${token%?}b ;;
*) altered=${token%?}a ;;
esac
printf '{"event":"spam","MessageID":72,"email":"%s","CustomID":"%s"}\n' "$to" "$altered" >>forged.json
expect_code 0 facteur event import forged.json --json
json_is taken 2
json_is ours 0
json_is suppressed 0
run facteur suppress list
out_unlike "$to"

it 'words for people'
message 8
printf '{"event":"sent","time":1795000000,"MessageID":80,"email":"%s","CustomID":"%s"}\n' "$to" "$token" >sent.json
expect_code 0 facteur event import sent.json
err_like '^1 event taken into account, 0 had before, 0 without news, 0 not understood\.$'
err_like '^Failed: 0, delayed: 0, delivered: 1, complaints: 0, unsubscribed: 0\.$'
it 'hundreds of bad ones: the first are shown'
i=0
while [ $i -lt 100 ]; do
	echo nonsense
	i=$((i + 1))
done >bad.json
expect_code 65 facteur event import bad.json
cp "$T/err" shown
expect_out 21 grep -c '^bad.json:\|^…' shown
it 'no such file, a folder, no such relay'
expect_err_like 66 'nowhere.json cannot be opened' facteur event import nowhere.json
expect_err_like 66 'is a folder' facteur event import outbox
expect_err_like 64 'there is no relay "nope"' facteur event import --relay nope sent.json
expect_err_like 64 'one file of events' facteur event import --rejects r sent.json bad.json
it 'another place for what was refused'
expect_code 65 facteur event import --rejects elsewhere bad.json
ok test -s elsewhere
expect_err_like 73 'elsewhere, cannot be made' facteur event import --rejects elsewhere bad.json
it 'a form that is not its own'
expect_err_like 65 'not known here' facteur event import --format sendgrid sent.json
