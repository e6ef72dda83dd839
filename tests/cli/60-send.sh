#!/bin/sh
# The plan, the question, the guards; then a send to the outbox and to relays that refuse.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv

messages() {
	find outbox/new -type f 2>/dev/null | wc -l
}

nothing_sent() {
	expect_out 0 messages
	expect_out '[]' facteur campaign list --json
}

it 'the plan of a dry run'
expect_code 0 facteur send --to membres --template newsletter --dry-run
out_unlike .
err_is - <<'P'
Template:    newsletter, version 1
Subject:     Les nouvelles de mars
From:        Association Exemple <contact@asso.example>
To:          24 members of the list membres; none of them sees another
Mode:        individual: a message for each
             because the template speaks to each member
Messages:    24 of about 8 kB
Relay:       outbox, a folder (outbox): nobody is mailed
Nothing was sent: this was a dry run.
P
it 'a dry run sends nothing and makes no campaign'
nothing_sent
it 'the plan as JSON'
expect_code 0 facteur -q send --to membres --template note --mode bcc --dry-run --json
json_is schema 1
json_is mode bcc
json_is recipients 24
json_is messages 1
json_is real false
err_unlike .
nothing_sent
it 'nobody there to confirm'
expect_err_like 77 'nothing was sent.*--yes --expect-count 24' facteur send --to membres --template note
it 'input is no answer when it is no terminal'
with_input 24
expect_code 77 facteur send --to membres --template note
it 'another number of people than expected'
expect_err_like 77 'you expect 25 people, but it would be 24; nothing was sent' \
	facteur send --to membres --template note --yes --expect-count 25
it '--yes alone'
expect_err_like 64 'belong together' facteur send --to membres --template note --yes
it '--expect-count alone'
expect_err_like 64 'belong together' facteur send --to membres --template note --expect-count 24
it 'to whom?'
expect_err_like 64 'say to whom and what' facteur send --template note
it 'a list that is mistyped'
expect_err_like 66 'did you mean "membres"' facteur send --to membre --template note
it 'a template that is mistyped'
expect_err_like 66 'did you mean "note"' facteur send --to membres --template notte
it 'a relay that is not there'
expect_err_like 78 'no relay nix.*facteur relay list' facteur send --to membres --template note --relay nix
it 'a list without anybody'
facteur -q list create empty
expect_err_like 65 'nobody to write to' facteur send --to empty --template note --dry-run
it 'limit 0'
expect_err_like 64 'send to nobody' facteur send --to membres --template note --limit 0
it 'after all of this nothing was sent'
nothing_sent

it 'a send, each alone'
expect_code 0 facteur send --to membres --template newsletter --yes --expect-count 24 --json
json_is schema 1
json_is campaign 1
json_is state 'done'
json_is total 24
json_is accepted 24
json_is deferred 0
json_is refused 0
json_is uncertain 0
json_is skipped 0
json_is pending 0
it 'each has a message of their own'
expect_out 24 messages
expect_out 24 sh -c 'grep -lr "^To: .*@" outbox/new | wc -l'
it 'nobody else can read them'
expect_code 0 find outbox -perm /077
out_unlike .
it 'a send in blind copy, without a word'
expect_code 0 facteur -q send --to membres --template note --mode bcc --yes --expect-count 24
out_unlike .
err_unlike .
it 'it is one message'
expect_out 25 messages
it 'which has no Bcc and nobody'"'"'s address'
grep -rl 'local sera' outbox/new >bcc.list
grep -rL '^To: .*@example' outbox/new >bcc.list
expect_out 1 sh -c 'grep -c . <bcc.list'
expect_code 1 sh -c 'grep -iE "^bcc:|@example\.(org|com|net)" "$(cat bcc.list)"'
it '--limit sends to the first ones'
expect_code 0 facteur send --to membres --template note --limit 3 --yes --expect-count 3 --json
json_is total 3
it 'progress as JSON lines, then the summary'
expect_code 0 facteur send --to membres --template note --yes --expect-count 24 --progress json --json
json_is accepted 24

it 'who is suppressed is told and left out'
facteur -q suppress add ana.ruiz@example.org
expect_code 0 facteur send --to membres --template note --dry-run
err_like '^Left out: +1 member'
err_like '^To: +23 members'
it 'and skipped'
expect_code 0 facteur send --to membres --template note --yes --expect-count 23 --json
json_is accepted 23
json_is skipped 1
id=$(json campaign)
expect_code 0 facteur report "$id" --recipients
out_like '^skipped	ana.ruiz@example.org	'
facteur -q suppress remove ana.ruiz@example.org

it 'safety.only_domains stands in the plan'
expect_code 0 facteur send --to membres --template note --dry-run --set safety.only_domains=example.net
err_like 'only those at example.net \(safety.only_domains\)'
it 'and keeps the others out'
before=$(messages)
expect_code 0 facteur send --to membres --template note --yes --expect-count 24 --json \
	--set safety.only_domains=example.net
json_is accepted 6
json_is skipped 18
expect_out 6 expr "$(messages)" - "$before"
it 'safety.redirect_all_to stands in the plan'
expect_code 0 facteur send --to membres --template note --dry-run \
	--set safety.redirect_all_to=me@asso.example
err_like 'all of it goes to me@asso.example instead'

cat >real.yaml <<'Y'
database: facteur.db
identity: {from: "Association Exemple <contact@asso.example>", organisation: A, postal_address: B}
relays:
  away: {type: smtp, host: 127.0.0.1, port: 1, tls: none}
  outbox: {type: maildir, path: outbox}
default_relay: away
Y
it 'a real relay while safety.live is false'
facteur campaign list --json >"$T/campaigns"
expect_err_like 77 'safety.live is false, so nothing was sent.*real.yaml' facteur -c real.yaml send \
	--to membres --template note --yes --expect-count 24
expect_out - facteur campaign list --json <"$T/campaigns"
it 'the plan says that it is real'
expect_code 0 facteur -c real.yaml send --to membres --template note --dry-run
err_like '^Relay: +away, which mails real people'
it 'a real relay that does not answer: everybody is still to do'
expect_err_like 69 '127.0.0.1:1: .*(refused|answers)' facteur -c real.yaml --set safety.live=true send \
	--to membres --template note --yes --expect-count 24 --json
json_is state paused
json_is pending 24
id=$(json campaign)
it 'to go on later: the guard holds then too'
expect_err_like 77 'safety.live is false' facteur -c real.yaml campaign resume "$id"
it 'with another configuration the relay is missed, in words'
expect_err_like 78 'relay away' facteur campaign resume "$id"

need tmux
# at_terminal ANSWER: sends to the list at a terminal, and types ANSWER at the question.
at_terminal() {
	tmux -L "facteur$$" new-session -d -s t -x 100 -y 40 \
		"$FACTEUR send --to membres --template note; echo \"code \$?\" >code.txt; sleep 30"
	wait_for 20 sh -c "tmux -L facteur$$ capture-pane -p -t t | grep -q 'press Enter'" || return
	tmux -L "facteur$$" capture-pane -p -t t >screen.txt
	tmux -L "facteur$$" send-keys -t t "$1" Enter
	wait_for 20 test -s code.txt
	tmux -L "facteur$$" kill-server
	mv code.txt answer.txt
}
facteur campaign list --json >"$T/campaigns"
for answer in yes 23 '' y 240; do
	it "the question answered with \"$answer\" sends nothing"
	at_terminal "$answer"
	file_is answer.txt 'code 77'
done
it 'no campaign was made by any of them'
expect_out - facteur campaign list --json <"$T/campaigns"
it 'answered with the number of people it sends'
before=$(messages)
at_terminal 24
file_is answer.txt 'code 0'
expect_out 24 expr "$(messages)" - "$before"
it 'the plan stood above the question'
expect_code 0 grep -c '24 members of the list membres' screen.txt
