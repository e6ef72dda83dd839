#!/bin/sh
# The file of keys: who makes it, who may read it, what rotating does, and what happens without it.
. "$ROOT/tests/cli/lib.sh"

keys_in() {
	grep -c "^2" "$1"
}

small_list() {
	cat >facteur.yaml <<'Y'
identity:
  from: x@asso.example
  bounce_address: returns@asso.example
  organisation: X
  postal_address: 1 street
Y
	facteur -q list create l && facteur -q list add l a@example.org b@example.org
}

it 'init makes a key, and says what it is for'
expect_code 0 facteur init new
err_like 'facteur.keys'
expect_out 1 keys_in new/facteur.keys
expect_out 600 stat -c %a new/facteur.keys
it 'two set-ups have two keys'
facteur -q init other
no cmp -s new/facteur.keys other/facteur.keys

cd new || exit 1
it 'key list shows a fingerprint and since when, not the key'
expect_code 0 facteur key list
out_like '^[0-9a-f]{16}.20[0-9-]+ [0-9:]+.signs new campaigns$'
secret=$(sed -n 's/^2.* //p' facteur.keys)
out_unlike "$secret|$(printf %.16s "$secret")"
it 'and as JSON'
expect_code 0 facteur key list --json
json_is schema 1
json_is newest true
first=$(facteur key list | cut -c1-16)
it 'key rotate: a new one first, the old one kept'
expect_code 0 facteur key rotate
out_unlike .
err_like 'old ones stay'
expect_out 2 keys_in facteur.keys
expect_out 600 stat -c %a facteur.keys
expect_code 0 facteur key list
out_like "^$first.*recognises older ones$"
expect_code 0 sh -c 'grep -m1 ^2 facteur.keys'
out_unlike "$secret"
ok grep -q "$secret" facteur.keys
it 'nothing else is left behind'
expect_out facteur.keys ls -d facteur.keys*
it 'sixteen are kept, and it says when one goes'
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do
	facteur -q key rotate
done
expect_out 16 keys_in facteur.keys
expect_code 0 facteur key rotate
err_like 'oldest is gone'
expect_out 16 keys_in facteur.keys
no grep -q "$secret" facteur.keys
it 'ten at once: none is lost, none is broken'
cp facteur.keys before
sed -i '8,$d' facteur.keys
was=$(keys_in facteur.keys)
for _ in 1 2 3 4 5 6 7 8 9 10; do
	facteur -q key rotate &
done
wait
expect_out $((was + 10)) keys_in facteur.keys
cp before facteur.keys

it 'one that others can read is refused by all who use it'
small_list
chmod 640 facteur.keys
expect_err_like 78 'facteur.keys.*chmod 600' facteur key list
expect_err_like 78 'chmod 600' facteur key rotate
expect_err_like 78 'chmod 600' facteur send --to l --template note --yes --expect-count 2
expect_out '[]' facteur campaign list --json
chmod 600 facteur.keys
it 'and one that is something else'
echo 'no key' >facteur.keys
expect_err_like 78 'facteur.keys, line 1' facteur send --to l --template note --yes --expect-count 2
err_unlike 'no key at'
rm facteur.keys
umask 077
: >facteur.keys
expect_err_like 78 'no key' facteur key list

cd "$T/scene" && mkdir old && cd old || exit 1
it 'an older set-up gets one with its first campaign'
small_list
facteur -q template add t - <<'M'
---
subject: "News"
language: en
---
The hall is closed.
M
it 'key list, before: there is none, and that is no mistake'
expect_code 0 facteur key list
out_unlike .
err_like 'no key yet'
it 'a dry run makes none'
expect_code 0 facteur send --to l --template t --dry-run
no test -e facteur.keys
it 'four campaigns at once make one'
for _ in 1 2 3 4; do
	facteur -q campaign create --to l --template t 2>>"$T/at-once" &
done
wait
no grep . "$T/at-once"
expect_out 1 keys_in facteur.keys
expect_out 600 stat -c %a facteur.keys
expect_out facteur.keys ls -d facteur.keys*
it 'all four are of that key'
print=$(facteur key list | cut -c1-16)
expect_out 4 sh -c "facteur() { \"\$FACTEUR\" \"\$@\"; }; for n in 1 2 3 4; do sqlite3 facteur.db \
	\"SELECT frozen FROM campaign WHERE id = \$n\"; done | grep -c '\"token_key\":\"$print\"'"
it 'they are sent with it'
expect_code 0 facteur -q campaign send 1 --yes --expect-count 2
expect_out 2 sh -c "cat outbox/new/* | grep -c '^X-Facteur-Token: r[a-z2-7]*$'"
it 'and the Message-ID names campaign and contact, by a token of another kind'
expect_out 2 sh -c "for f in outbox/new/*; do t=\$(sed -n 's/^X-Facteur-Token: r\\(.*\\).\\{16\\}$/\\1/p' \"\$f\")
	grep -c \"^Message-ID: <m\$t[a-z2-7]\\{16\\}\\.[a-z2-7]\\{16\\}@asso.example>\" \"\$f\"; done | grep -c 1"

it 'bounce parse says whether a token is genuine, where there are keys'
file=$(ls outbox/new/* | head -1)
token=$(sed -n 's/^X-Facteur-Token: //p' "$file")
cat >vacation.eml <<END
From: ana@example.org
To: returns+$token@asso.example
Subject: Out of office
Auto-Submitted: auto-replied

Back on Monday.
END
expect_out true sh -c "\"\$FACTEUR\" bounce parse --json vacation.eml | python3 -c '
import json, sys
t = json.load(sys.stdin)[\"token\"]
print(\"true\" if t[\"valid\"] is True and t[\"campaign\"] == 1 and t[\"contact\"] > 0 else t)'"
last=${token#"${token%?}"}
sed "s/$last@asso/$(printf %s "$last" | tr a-z2-7 b-z2-7a)@asso/" vacation.eml >forged.eml
expect_out false sh -c "\"\$FACTEUR\" bounce parse --json forged.eml | python3 -c '
import json, sys
print(str(json.load(sys.stdin)[\"token\"][\"valid\"]).lower())'"
it 'and that nobody can tell without them'
mkdir elsewhere
expect_out none sh -c "cd elsewhere && \"\$FACTEUR\" bounce parse --json ../vacation.eml | python3 -c '
import json, sys
print(str(json.load(sys.stdin)[\"token\"][\"valid\"]).lower())'"

it 'when it is gone nothing is sent, and nothing made in silence'
mv facteur.keys kept
expect_err_like 78 'facteur.keys is not there.*key rotate' \
	facteur send --to l --template t --yes --expect-count 2
no test -e facteur.keys
expect_err_like 78 'facteur.keys is not there' facteur campaign send 2 --yes --expect-count 2
expect_out 2 sh -c 'ls outbox/new | wc -l'
it 'put back, it goes on'
mv kept facteur.keys
expect_code 0 facteur -q campaign send 2 --yes --expect-count 2
it 'lost for good: rotate makes a new one, and says what that means'
rm facteur.keys
expect_code 0 facteur key rotate
err_like 'not recognised'
expect_out 1 keys_in facteur.keys
expect_code 0 facteur -q campaign send 3 --yes --expect-count 2

it 'token_keys says where it is'
expect_code 0 facteur config show --origin
out_like '^token_keys: facteur.keys +# default$'
it 'else beside the database'
mkdir data
expect_code 0 facteur config show --set database=data/own.db
out_like '^token_keys: data/facteur.keys$'
it 'a folder that is not there'
cd "$T/scene" && mkdir nowhere && cd nowhere && small_list
facteur -q template add t - <<'M'
---
subject: "News"
---
The hall is closed.
M
expect_err_like 73 'no/keys' facteur send --to l --template t --yes --expect-count 2 \
	--set token_keys=no/keys
expect_out '[]' facteur campaign list --json

cd "$T/scene/old" || exit 1
cat >>facteur.yaml <<'Y'
relays:
  outbox: {type: maildir, path: outbox}
  relay: {type: smtp, host: 127.0.0.1, port: 9, tls: none, auth: none}
default_relay: outbox
safety: {live: true}
Y
long=a2345678901234567890123456789012345678901234567890
it 'a bounce address too long for a token is refused by the plan'
expect_err_like 78 'too long to carry a token' facteur send --to l --template t --relay relay \
	--dry-run --set "identity.bounce_address=$long@asso.example"
it 'not where it needs to carry none'
expect_code 0 facteur send --to l --template t --relay relay --dry-run \
	--set "identity.bounce_address=$long@asso.example" --set identity.verp=false
expect_code 0 facteur send --to l --template t --relay relay --dry-run \
	--set "identity.bounce_address=$long@asso.example" --set relays.relay.verp=false
it 'a quoted one can carry none'
expect_err_like 78 'has quotes' facteur send --to l --template t --relay relay --dry-run \
	--set 'identity.bounce_address="re turns"@asso.example'
it 'the separator is one of a few'
expect_err_like 78 'verp_separator must be one of' facteur config check \
	--set identity.verp_separator=%
