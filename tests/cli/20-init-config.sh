#!/bin/sh
# init makes a private folder; config shows where settings come from and finds all mistakes.
. "$ROOT/tests/cli/lib.sh"

mode_is() {
	expect_out "$1" stat -c %a "$2"
}

for mask in 000 022; do
	it "init under umask $mask"
	expect_code 0 sh -c "umask $mask; exec \"\$FACTEUR\" init n$mask"
	out_unlike .
	err_like "cd n$mask"
	for file in "n$mask" "n$mask/templates"; do
		it "$file is mine alone under umask $mask"
		mode_is 700 "$file"
	done
	for file in facteur.yaml facteur.db templates/newsletter.md; do
		it "$file is mine alone under umask $mask"
		mode_is 600 "n$mask/$file"
	done
	it "the outbox is made private under umask $mask"
	(cd "n$mask" && facteur -q list create l && facteur -q list add l a@example.org &&
		umask "$mask" && facteur -q send --to l --template note --yes --expect-count 1 \
		--set identity.from=x@example.org --set identity.organisation=X \
		--set 'identity.postal_address=1 street')
	expect_code 0 find "n$mask" -perm /077
	out_unlike .
	ok test -d "n$mask/outbox/new"
done

it 'init again refuses to overwrite'
cp n022/facteur.yaml before.yaml
expect_err_like 73 'there already' facteur init n022
it 'and leaves what is there'
ok cmp before.yaml n022/facteur.yaml
it 'init where nothing can be made'
: >file
expect_err_like 73 'file' facteur init file/folder
it 'init in two languages: French'
ok facteur init --language fr fr
it 'the templates are French'
ok grep -q 'Bonjour' fr/templates/newsletter.md
it 'init in two languages: English'
ok facteur init --language en en
it 'the templates are English'
no grep -q 'Bonjour' en/templates/newsletter.md
it 'the language of the environment decides else'
ok env LC_ALL=en_GB.UTF-8 "$FACTEUR" init env
ok cmp env/templates/note.md en/templates/note.md
it 'a language that is not there'
expect_err_like 64 'fr.*en.*not "de"' facteur init --language de de
no test -e de
it 'a demo has a list to import and a sender'
ok facteur init --demo demo
expect_code 0 sh -c 'cd demo && exec "$FACTEUR" config check'
ok test -f demo/lists/membres.csv
it 'a new folder has templates to look at'
cd n022 || exit 1
expect_code 0 facteur template list
out_like '^newsletter +1 '
it 'config check tells what is still missing, kindly'
expect_code 0 facteur config check
err_like 'identity.from is not set'
it 'and is silent with -q'
expect_code 0 facteur -q config check
err_unlike .
it 'sending without a sender is a matter of configuration'
facteur -q list create l2 && facteur -q list add l2 a@example.org
expect_err_like 78 'identity' facteur send --to l2 --template note --dry-run

cd "$T/scene" && mkdir conf && cd conf || exit 1
it 'without any file the defaults hold'
expect_code 0 facteur config show
out_like '^database: facteur.db$'
out_like '^  live: false$'
cat >facteur.yaml <<'Y'
identity:
  from: "Ana Ruiz <ana@example.org>"
relays:
  provider:
    type: smtp
    host: smtp.example.org
    username: ana@example.org
    password: top-secret-1
  other:
    type: smtp
    host: smtp.example.net
    username: ana
    password_env: OTHER_PASSWORD
default_relay: provider
Y
it 'a password in a file that others can read'
chmod 644 facteur.yaml
expect_err_like 78 'facteur.yaml:8:15: .*chmod 600' facteur config check
err_unlike 'top-secret'
chmod 600 facteur.yaml
it 'in a file of one'"'"'s own it is accepted, and never shown'
expect_code 0 facteur config show
out_like '^    password: .*\*{8}'
out_unlike 'top-secret'
it 'nor in JSON'
expect_code 0 env OTHER_PASSWORD=top-secret-2 "$FACTEUR" config show --json
out_unlike 'top-secret'
json_is schema 1
json_is settings.identity.from 'Ana Ruiz <ana@example.org>'
it 'nor with its origin'
expect_code 0 env FACTEUR_SAFETY_LIVE=true "$FACTEUR" config show --origin \
	--set safety.bulk_threshold=7
out_unlike 'top-secret'
out_like 'host: smtp.example.org +# facteur.yaml:6:11$'
out_like 'live: true +# FACTEUR_SAFETY_LIVE$'
out_like 'bulk_threshold: 7 +# --set safety.bulk_threshold$'
out_like 'database: facteur.db +# default$'
it 'the flag wins over the environment'
expect_code 0 env FACTEUR_SAFETY_BULK_THRESHOLD=3 "$FACTEUR" config show --origin \
	--set safety.bulk_threshold=7
out_like 'bulk_threshold: 7 +# --set'
it 'passwords on the command line are refused'
expect_err_like 78 'password' facteur config check --set relays.other.password=top-secret-3
err_unlike 'top-secret'
it 'so is a proxy with a login, and only with one'
expect_err_like 78 'relays.other.proxy holds a password' facteur config check \
	--set relays.other.proxy=http://ana:top-secret-4@proxy.example.org:8080
err_unlike 'top-secret'
expect_code 0 env OTHER_PASSWORD=x "$FACTEUR" config show \
	--set relays.other.proxy=http://proxy.example.org:8080
out_like 'proxy: "http://proxy.example.org:8080"'
it 'in the environment it is accepted, and never shown'
expect_code 0 env FACTEUR_RELAYS_OTHER_PROXY=http://ana:top-secret-4@proxy.example.org:8080 \
	"$FACTEUR" config show
out_like 'proxy: "http://\*{8}@proxy.example.org:8080"'
out_unlike 'top-secret'
it 'relay list: the ways out, aligned'
expect_out - facteur relay list <<'O'
Relay     Kind  Where             Default
provider  smtp  smtp.example.org  yes
other     smtp  smtp.example.net
O
it 'relay list as JSON, no secrets'
expect_code 0 facteur relay list --json
json_is relays.0.name provider
json_is relays.0.port 587
json_is relays.0.default true
out_unlike 'top-secret|username'
it 'a sender that is no address'
expect_err_like 78 'identity.from' facteur config check --set identity.from=nobody

cat >unused.yaml <<'Y'
identity: {from: a@example.org}
relays:
  m: {preset: mailjet, username: u, password_command: [echo, x]}
dkim: [{domain: example.org, selector: s1, key_file: s1.pem}]
mailboxes:
  r: {host: imap.example.org, username: u, password_command: [echo, x]}
Y
cat >bad.yaml <<'Y'
database: 3
identity:
  fom: x
  from: [a]
relays:
  outbox: {type: maildr, path: outbox}
  away: {type: smtp, host: smtp.example.org, port: 99999, tls: none}
default_relay: nix
safety: {live: perhaps}
Y
it 'every mistake at once, with file, line and column'
expect_code 78 facteur --config bad.yaml config check
err_like '^bad.yaml:3:3: "fom".*did you mean from'
err_like '^bad.yaml:4:9: identity.from must be a mail address'
err_like '^bad.yaml:6:18: relays.outbox.type .*did you mean maildir'
err_like '^bad.yaml:7:52: relays.away.port must be a whole number from 1 to 65535'
err_like '^bad.yaml:7:[0-9]+: relays.away: without encryption'
err_like '^bad.yaml:8:16: default_relay names "nix"'
err_like '^bad.yaml:9:16: safety.live must be true or false'
err_like '^facteur: nothing was done'
out_unlike .
it 'what is understood but not acted on yet is told'
expect_code 0 facteur -c unused.yaml config check
err_like 'does not sign yet'
err_unlike 'does not read them yet'
it 'any command refuses a bad configuration'
expect_code 78 facteur --config bad.yaml list create x
no test -e facteur.db
it 'one mistake is told once'
expect_code 78 facteur config check --set safety.liv=true
expect_out 1 sh -c '"$FACTEUR" config check --set safety.liv=true 2>&1 | grep -c "did you mean safety.live"'
it 'not YAML at all'
printf 'database: [a\n' >broken.yaml
expect_err_like 78 'broken.yaml:[0-9]+:[0-9]+: ' facteur -c broken.yaml config check
it 'a configuration that is not there'
expect_err_like 78 'nowhere.yaml: .*cannot be opened' facteur -c nowhere.yaml config check
it 'a folder in place of a configuration'
mkdir folder.yaml
expect_err_like 78 'folder.yaml: ' facteur -c folder.yaml config check
it 'an environment variable that names no setting is a warning'
expect_code 0 env FACTEUR_SAFETY_LIFE=true "$FACTEUR" config check
err_like 'FACTEUR_SAFETY_LIFE'
