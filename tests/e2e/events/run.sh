# timeout: 120
# event pull against a server that speaks Mailjet's REST API: pages, what a pull goes on from, and
# every way in which an answer can be wrong. The messages are those that a relay took.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl sqlite3

here=$ROOT/tests/e2e/events
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
mkfifo hold && exec 9<>hold # the relay ends with whoever holds this
mkdir relay api tls
start relay sh -c "exec python3 '$ROOT/tests/e2e/lib/smtpd.py' relay <hold"
start api python3 "$here/mailjet.py" api
wait_for 10 test -s relay/port || exit 1
wait_for 10 test -s api/port || exit 1
cd tls || exit 1
. "$ROOT/tests/e2e/lib/certificate.sh"
cd .. || exit 1
ln -s ../api/messages.json tls/messages.json
start tls python3 "$here/mailjet.py" tls tls/server.pem
wait_for 10 test -s tls/port || exit 1

port=$(cat api/port)
printf '%s\n' 'echo the-secret' >secret
cat >facteur.yaml <<END
identity: {from: "Asso <contact@asso.example>", organisation: Asso, postal_address: 1 rue de la Paix}
relays:
  mj: {preset: mailjet, host: 127.0.0.1, port: $(cat relay/port), tls: none, auth: none, username: the-key,
       password_command: [sh, secret], events_url: "http://127.0.0.1:$port/v3/REST"}
  wrong: {preset: mailjet, username: the-key, password_env: OTHER, events_url: "http://127.0.0.1:$port/v3/REST"}
  lost: {preset: mailjet, username: the-key, password_command: [sh, secret], events_url: "http://127.0.0.1:$port/v4"}
  tls: {preset: mailjet, username: the-key, password_command: [sh, secret], ca_file: tls/ca.pem,
        events_url: "https://127.0.0.1:$(cat tls/port)/v3/REST"}
  untrusted: {preset: mailjet, username: the-key, password_command: [sh, secret],
        events_url: "https://127.0.0.1:$(cat tls/port)/v3/REST"}
  nobody: {preset: mailjet}
  sg: {preset: sendgrid, username: apikey, password_env: OTHER}
  mine: {type: smtp, host: smtp.example.org}
  outbox: {type: maildir, path: outbox}
default_relay: mj
safety: {live: true}
END
export OTHER=canary-4711

facteur -q send --to membres --template newsletter --mode individual --yes --expect-count 24 || exit 1
python3 "$here/messages.py" relay/accepted.ndjson 2300 >api/messages.json || exit 1

# last KEY…: of the last request.
last() {
	tail -n 1 api/requests.ndjson | python3 -c '
import json, sys
value = json.load(sys.stdin)
for key in sys.argv[1].split("."):
    value = value[key]
print(value)' "$1"
}
# A pull that fails; nobody hears a secret.
fails() {
	expect_err_like "$@" facteur event pull mj
	err_unlike 'the-secret'
}

it 'the first pull: every page, every fate'
before=$(date +%s)
expect_code 0 facteur event pull mj --json
json_is schema 1
json_is taken 2324
json_is ignored 0
json_is rejected 0
json_is failed 4
json_is delayed 1
json_is delivered 2317
json_is complaints 1
json_is unsubscribes 1
json_is ours 24
json_is unsubscribed 2
it 'one request for the words, one a page'
expect_out 4 sh -c 'wc -l <api/requests.ndjson'
it 'it asks for a month, in pages, with the login'
expect_out 2000 last query.Offset
expect_out 1000 last query.Limit
expect_out true last query.ShowCustomID
expect_out the-key:the-secret last login
from=$(last query.FromTS)
ok test "$from" -ge $((before - 30 * 86400)) -a "$from" -le $((before - 30 * 86400 + 60))
it 'the members whom it concerns are not mailed again'
first=$(python3 -c 'import json; print(json.loads(open("relay/accepted.ndjson").readline())["rcpts"][0])')
run facteur suppress list
out_like "$first.*does not exist"

it 'again: nothing new, from six days before'
expect_code 0 facteur event pull mj --json
json_is taken 0
json_is known 2324
from=$(last query.FromTS)
ok test "$from" -ge $((before - 6 * 86400)) -a "$from" -le $((before - 6 * 86400 + 60))
it 'what is pulled and what is imported are the same'
token=$(python3 -c '
import json, re
line = json.loads(open("relay/accepted.ndjson").readline())
print(re.search("X-MJ-CustomID: ([a-z0-9]+)", line["data"]).group(1))')
printf '{"event":"bounce","time":1795000000,"MessageID":9223372036854775807,"email":"%s","CustomID":"%s",
	"hard_bounce":true,"error":"user unknown"}\n' "$first" "$token" >again.json
expect_code 0 facteur event import --relay mj again.json --json
json_is known 1
json_is taken 0
it '--since'
expect_code 0 facteur event pull mj --since 2026-01-02T00:00:00Z --json
expect_out 1767312000 last query.FromTS
expect_err_like 64 'no moment of the past' facteur event pull mj --since tomorrow
expect_err_like 64 'no moment of the past' facteur event pull mj --since 2999-01-01

it 'too many requests: it waits as long as it is told'
printf '%s\n' '429 1' >api/trouble
expect_code 0 facteur event pull mj --json
json_is known 2324
it 'out of order: it tries again, by a date too, and after a cut'
printf '%s\n' '503' '503 date' 'cut' >api/trouble
expect_code 0 facteur event pull mj --json
json_is known 2324
it 'a day is too long to wait'
printf '%s\n' '429 86400' >api/trouble
fails 75 'asks to come back in 86400 seconds'
it 'no redirect is followed'
printf '%s\n' "redirect http://127.0.0.1:$port/stolen" >api/trouble
fails 69 'redirect \(302\), which is not followed'
no grep -q stolen api/requests.ndjson
it 'no JSON'
printf '%s\n' html >api/trouble
fails 69 'this is no JSON'
it 'half an answer'
printf '%s\n' half >api/trouble
fails 69 'this is no JSON'
it 'another answer'
printf '%s\n' list >api/trouble
fails 69 'no list'
it 'an answer that is too long'
printf '%s\n' huge >api/trouble
fails 69 'longer than 8 MB'
it 'an answer that is nested without end'
printf '%s\n' deep >api/trouble
fails 69 'this is no JSON'
it 'the same page for ever'
printf '%s\n' same same same >api/trouble
fails 69 'the same page twice'
it 'what failed was not said to be reached: the next goes on from before'
from=$(last query.FromTS)
ok test "$from" -le $(($(date +%s) - 6 * 86400))
it 'a login that is refused'
expect_err_like 69 'does not accept the login of relay wrong' facteur event pull wrong
err_unlike 'canary-4711'
it 'an address that leads nowhere'
expect_err_like 69 'answers 404' facteur event pull lost
it 'no login at all'
expect_err_like 78 'has no username or no password' facteur event pull nobody
it 'stopped while it waits: what was read is kept'
printf '%s\n' '429 500' >api/trouble
start pull sh -c "exec '$FACTEUR' event pull mj 9<&-"
wait_for 10 sh -c 'test ! -s api/trouble'
kill -TERM "$(server_pid pull)"
code=0
wait "$(server_pid pull)" || code=$?
rm "$T/servers/pull.pid"
code_is 75

it 'TLS, by an authority of our own'
expect_code 0 facteur event pull tls --json
json_is taken 2324
it 'TLS, by nobody we trust'
expect_err_like 69 'cannot be asked' facteur event pull untrusted
expect_out 4 sh -c 'wc -l <tls/requests.ndjson'

it 'other providers: what to do instead'
expect_err_like 78 'Event Webhook.*event import' facteur event pull sg
expect_err_like 78 'bounce fetch' facteur event pull mine
expect_err_like 64 'there is no relay "nope"' facteur event pull nope
it 'the secret is nowhere'
no grep -rlE 'the-secret|canary-4711' facteur.db outbox

it 'killed in the middle of an import, five times: nothing is lost, nothing is had twice'
i=0
while [ $i -lt 20000 ]; do
	printf '{"event":"bounce","time":1795000000,"MessageID":%d,"email":"m%d@example.net","hard_bounce":true,"error":"user unknown"}\n' \
		$i $i
	i=$((i + 1))
done >many.json
returned() {
	sqlite3 -cmd '.timeout 5000' facteur.db 'SELECT count(*) FROM returned'
}
before=$(returned)
kills=0
while [ $kills -lt 5 ]; do
	seen=$(returned)
	start import "$FACTEUR" event import many.json
	wait_for 20 sh -c "test \"\$(sqlite3 -cmd '.timeout 5000' facteur.db 'SELECT count(*) FROM returned')\" -gt $seen"
	stop import KILL
	kills=$((kills + 1))
done
middle=$(returned)
ok test "$middle" -gt "$before"
ok test "$middle" -lt $((before + 20000))
expect_code 0 facteur event import many.json --json
json_is known $((middle - before))
json_is taken $((before + 20000 - middle))
expect_out $((before + 20000)) returned
