#!/bin/sh
# Providers by name: what is known of them, and bulk mail through the mailbox of a person.
. "$ROOT/tests/cli/lib.sh"

it 'a table of all of them'
expect_code 0 facteur relay presets
out_like '^Preset +Kind +Server for sending +Limits +Status$'
out_like '^mailjet +bulk +in-v3.mailjet.com +by plan +current$'
out_like '^gmail +personal +smtp.gmail.com +500/d +current$'
out_like '^tiscali-france +personal +.* closed$'
out_like '^libertysurf +personal +- '
it 'as JSON'
expect_code 0 facteur relay presets --json
json_is schema 1
json_is presets.0.name mailjet
json_is presets.0.relay.port 587
json_is presets.0.relay.tls starttls
it 'all about one, with its sources'
expect_code 0 facteur relay presets free
out_like '^Provider: +Free$'
out_like '^Sending: +smtp.free.fr, port 465, tls: implicit; also port 587, tls: starttls$'
out_like '^User name: +what stands before the @'
out_like '^First: +sending by a program must be switched on'
out_like '^Source: +servers, 2026-03-12: Thunderbird'
out_like 'preset: free, username'
it 'by another of its names, as JSON'
expect_code 0 facteur relay presets Hotmail --json
json_is schema 1
json_is name outlook
json_is login oauth
json_is kind personal
json_is relay.rate.0 300/d
json_is sources.0.of servers
json_is sources.0.date 2026-03-12
it 'one that has closed shows no way to use it'
expect_code 0 facteur relay presets tiscali-france
out_like '^Status: +closed'
out_unlike 'facteur.yaml'
it 'mistyped'
expect_err_like 66 'no preset "gmial"; did you mean gmail' facteur relay presets gmial
it 'nothing near'
expect_err_like 66 'no preset "xyzzyx"; facteur relay presets lists' facteur relay presets xyzzyx

facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
facteur -q list create few
for name in a b c d e f g h i j; do facteur -q list add few "$name@example.org"; done
cat >facteur.yaml <<'Y'
database: facteur.db
identity: {from: "Association Exemple <contact@asso.example>", organisation: A, postal_address: B}
relays:
  outbox: {type: maildir, path: outbox}
  jet: {preset: mailjet, username: u, password_env: NO_SUCH_VARIABLE}
  mine: {preset: gmail, host: 127.0.0.1, port: 1, tls: none, auth: none}
  hand: {type: smtp, host: smtp.orange.fr}
  hosted: {preset: ovh}
  try: {preset: gmail, type: maildir, path: outbox}
default_relay: outbox
safety: {live: true}
Y
it 'a preset completes a relay, and config show says so'
expect_code 0 facteur config show --origin
out_like '^    host: in-v3.mailjet.com  # preset mailjet$'
out_like '^    tls: none  # facteur.yaml:6:'
out_like '^    rate: \[200/h\]  # preset ovh$'
it 'in JSON too'
expect_code 0 facteur config show --origin --json
out_like '"relays.hosted.host":"preset ovh"'
it 'relay list shows the server a preset brought'
expect_code 0 facteur relay list
out_like '^jet +smtp +in-v3.mailjet.com'
expect_code 0 facteur relay list --json
json_is relays.0.preset null
json_is relays.1.preset mailjet
json_is relays.1.place in-v3.mailjet.com
it 'an unknown preset, with its line and what was meant'
expect_err_like 78 '^facteur: --set relays.jet.preset: there is no preset "mailjt"; did you mean mailjet' \
	facteur --set relays.jet.preset=mailjt config check
sed 's/preset: ovh/preset: ohv/' facteur.yaml >wrong.yaml
expect_err_like 78 'wrong.yaml:8:20: there is no preset "ohv"; did you mean ovh' \
	facteur -c wrong.yaml config check
it 'facts that nobody has tried are a warning'
expect_code 0 facteur --set relays.old.preset=noos config check
err_like 'warning: what is known of Noos is old'

it 'many people through the mailbox of a person: the plan says it will be refused'
expect_code 0 facteur send --to membres --template note --relay mine --dry-run
err_like 'the mailbox of a person at Gmail: this will be refused, .*10 people'
it 'and so it is, with the reason and a way out'
expect_err_like 77 'mailbox of a person at Gmail \(500/d at most\).*24 people.*Nothing was sent.*mailjet.*--force-relay' \
	facteur send --to membres --template note --relay mine --yes --expect-count 24
it 'recognised by its host, without a preset'
expect_err_like 77 'mailbox of a person at Orange, .*24 people' \
	facteur send --to membres --template note --relay hand --yes --expect-count 24
it 'a campaign is not even prepared'
expect_err_like 77 'mailbox of a person at Orange' \
	facteur campaign create --to membres --template note --relay hand
expect_out '[]' facteur campaign list --json
mkfifo hold && exec 9<>hold # the server ends with whoever holds this
mkdir server
start server sh -c "exec python3 '$ROOT/tests/e2e/lib/smtpd.py' server <hold"
wait_for 10 test -s server/port
sed -i "s/port: 1,/port: $(cat server/port),/" facteur.yaml
it 'ten are fine'
expect_code 0 facteur send --to few --template note --relay mine --yes --expect-count 10
it 'eleven are not'
facteur -q list add few k@example.org
expect_err_like 77 '11 people' \
	facteur send --to few --template note --relay mine --yes --expect-count 11
it '--limit counts'
expect_code 0 facteur send --to membres --template note --relay mine --limit 10 --yes --expect-count 10
it 'safety.bulk_threshold moves the line'
expect_code 0 facteur --set safety.bulk_threshold=11 \
	send --to few --template note --relay mine --yes --expect-count 11
it '--force-relay sends all the same, and the plan says what may happen'
expect_code 0 facteur send --to membres --template note --relay mine --force-relay --yes --expect-count 24
err_like 'the account may be locked for so many, but --force-relay'
it 'a campaign prepared by force needs no other word'
expect_code 0 facteur campaign create --to membres --template note --relay mine --force-relay --json
expect_code 0 facteur campaign send "$(json campaign)" --yes --expect-count 24
it 'one whose relay became a personal mailbox since is refused, or forced'
expect_code 0 facteur campaign create --to membres --template note --relay jet --json
id=$(json campaign)
export SECRET=x
gmail() {
	facteur --set relays.jet.preset=gmail --set relays.jet.host=127.0.0.1 --set relays.jet.tls=none \
		--set relays.jet.auth=none --set "relays.jet.port=$(cat server/port)" \
		--set relays.jet.password_env=SECRET "$@"
}
expect_err_like 77 'mailbox of a person at Gmail.*24 people' gmail campaign send "$id" --yes --expect-count 24
expect_code 0 gmail campaign send "$id" --force-relay --yes --expect-count 24
it 'a relay made for bulk has no such limit'
expect_code 0 facteur send --to membres --template note --relay jet --dry-run
err_unlike 'mailbox'
it 'a hosted mailbox is used, with a word of advice'
expect_code 0 facteur send --to membres --template note --relay hosted --dry-run
err_like 'OVH MX Plan hosts mailboxes; for many people a relay made for it is safer'
it 'a folder mails nobody, whatever its preset'
expect_code 0 facteur -q send --to membres --template note --relay try --yes --expect-count 24
it 'in French'
run env LANGUAGE=fr "$FACTEUR" send --to membres --template note --relay mine --yes --expect-count 24
code_is 77
err_like 'boîte personnelle'
