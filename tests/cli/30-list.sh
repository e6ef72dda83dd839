#!/bin/sh
# Lists and their members by hand; those who must not be mailed.
. "$ROOT/tests/cli/lib.sh"

it 'no database here: what to do'
expect_err_like 66 'no database facteur.db.*facteur init' facteur list show
no test -e facteur.db
it 'only what begins something makes a database'
expect_err_like 66 'no database' facteur list add members ana@example.org
no test -e facteur.db
it 'the first list'
expect_code 0 facteur list create members --title 'Les adhérents 😀'
err_like 'facteur list import members'
out_unlike .
it 'the database is mine alone'
expect_out 600 stat -c %a facteur.db
it 'the same name again'
expect_err_like 65 'there is a list "members" already' facteur list create members
for name in '' 'two words' 'élan' ../x 'x;y' "$(printf 'a\nb')" \
	aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; do
	it "\"$name\" cannot be a name"
	expect_err_like 65 'cannot be a name' facteur list create "$name"
done
it 'a second list'
ok facteur list create amis
it 'a list that is not there: did you mean'
expect_err_like 66 'did you mean "members"' facteur list show member
it 'add members, with and without a name'
expect_code 0 facteur list add members 'Ana Ruiz <ana@example.org>' bo@EXAMPLE.org
err_like '^Ana Ruiz <ana@example.org> is a member now'
it 'all lists, aligned in spite of accents and emoji'
expect_out - facteur list show <<'O'
List     Title             Members  Unsubscribed
amis                             0             0
members  Les adhérents 😀        2             0
O
it 'one list'
expect_out - facteur list show members <<'O'
List:          members
Title:         Les adhérents 😀
Address:       -
Members:       2
Unsubscribed:  0
O
it 'one list as JSON'
expect_code 0 facteur list show members --json
json_is schema 1
json_is subscribed 2
json_is title 'Les adhérents 😀'
it 'all lists as JSON'
expect_code 0 facteur list show --json
json_is lists.1.name members
it 'the same address, written otherwise, is no new member'
expect_code 0 facteur list add members ANA@Example.ORG
err_like 'member already'
it 'a name replaces a name'
expect_code 0 facteur list add members 'Ana R. <ana@example.org>'
err_like 'the name is updated'
it 'of several addresses one is wrong: nothing is added'
expect_err_like 65 '^facteur: not-an-address: ' facteur list add members cy@example.org not-an-address
expect_code 0 facteur list show members --json
json_is subscribed 2
for address in 'a@b@example.org' '@example.org' 'a@' 'a b@example.org' 'a@-example.org' \
	'a@example..org' "$(printf 'a@example.org\nBcc: x@example.org')" 'a@example.org,b@example.org'; do
	it "refused as an address: $address"
	expect_code 65 facteur list add members "$address"
done
it 'an address in letters of the world'
ok facteur list add members 'Jürgen <juergen@bücher.example>'
it 'take somebody off'
expect_code 0 facteur list remove members bo@example.org
err_like 'no longer a member'
it 'somebody who is not there'
expect_code 0 facteur list remove members zo@example.org
err_like 'not on this list'
it 'which is no reason to speak with -q'
expect_code 0 facteur -q list remove members zo@example.org
err_unlike .
it 'change the title and the address'
ok facteur list edit members --title 'Nous' --address liste@example.org
expect_code 0 facteur list show members
out_like '^Title: +Nous$'
out_like '^Address: +liste@example.org$'
it 'an address that is none changes nothing'
expect_err_like 65 'no @' facteur list edit members --address liste
it 'change what?'
expect_err_like 64 'what shall change' facteur list edit members
it 'control characters in a title never reach the terminal'
run facteur list create odd --title "$(printf 'a\033[31mred\007')"
run facteur list show
out_unlike "$(printf '[\033\007]')"

it 'suppress: never again, on any list'
expect_code 0 facteur suppress add ana@example.org --reason 'she asked'
it 'suppress list'
expect_code 0 facteur suppress list
out_like '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}	ana@example.org	she asked$'
it 'suppress list as NDJSON'
expect_code 0 facteur suppress list --json
json_is address ana@example.org
json_is reason 'she asked'
it 'several at once, one wrong: none is added'
expect_code 65 facteur suppress add cy@example.org nonsense
expect_out 1 sh -c '"$FACTEUR" suppress list | grep -c .'
it 'mail her again'
ok facteur suppress remove ana@example.org
it 'nobody is left there, and it says so'
expect_code 0 facteur suppress list
out_unlike .
err_like 'Everybody may be mailed'
it 'remove somebody who is not there'
expect_code 0 facteur suppress remove ana@example.org
err_like 'not among'

it 'delete a list'
expect_code 0 facteur list delete amis
it 'it is gone'
expect_err_like 66 'no list "amis"' facteur list show amis
it 'delete it again'
expect_err_like 66 'no list "amis"' facteur list delete amis
