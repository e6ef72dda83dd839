#!/bin/sh
# What lies between us and trouble: the log of events, databases of others, a full disk,
# pipes that close, data and words on their own streams.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
facteur -q send --to membres --template newsletter --yes --expect-count 24 || exit 1

it 'audit verify'
expect_code 0 facteur audit verify
out_unlike .
err_like 'The log of [0-9]+ events is whole: none was changed, and none is missing before the last'
it 'audit verify as JSON'
expect_code 0 facteur audit verify --json
json_is schema 1
json_is holds true
json_is broken_at null

it 'every command that reads prints JSON only on stdout'
for words in 'config show' 'list show' 'list show membres' 'suppress list' 'template list' \
	'template show note' 'campaign list' 'campaign show 1' 'relay list' 'report 1' \
	'report 1 --recipients' 'audit verify' 'version' 'campaign resume 1' \
	'list import membres lists/members-en.csv' 'send --to membres --template note --dry-run'; do
	it "$words --json"
	# shellcheck disable=SC2086
	expect_code 0 facteur $words --json
	cp "$T/out" "$T/doc"
	ok python3 -c '
import json, sys
text = open(sys.argv[1], encoding="utf-8").read()
try:
    json.loads(text)
except ValueError:
    assert all(isinstance(json.loads(l), dict) for l in text.splitlines())' "$T/doc"
	it "$words with -q says no word"
	# shellcheck disable=SC2086
	expect_code 0 facteur -q $words
	err_unlike .
done
it 'words on stderr, nothing on stdout'
for words in 'list create a' 'list edit a --title T' 'list add a x@example.org' 'list remove a x@example.org' \
	'suppress add x@example.org' 'suppress remove x@example.org' 'template add t templates/note.md' \
	'template remove t' 'list delete a' 'config check'; do
	it "$words prints no data"
	# shellcheck disable=SC2086
	expect_code 0 facteur $words
	out_unlike .
done

if [ -w /dev/full ]; then
	for words in 'list show' 'list export membres' 'report 1 --json' 'config show' '-h' \
		'template preview newsletter'; do
		it "$words on a device that is full"
		# shellcheck disable=SC2086
		expect_err_like 74 'could not be written: No space left' sh -c "\"\$FACTEUR\" $words >/dev/full"
	done
fi
it 'a reader that has seen enough is no reason to complain'
expect_code 0 sh -c '"$FACTEUR" list export membres | head -n 1'
err_unlike .

it 'a database that is none'
echo 'hello' >none.db
expect_err_like 74 'none.db.*not a database' facteur --set database=none.db list show
it 'an empty file'
: >void.db
expect_err_like 74 'void.db is empty' facteur --set database=void.db list show
it 'a folder'
mkdir folder.db
expect_err_like 74 'folder.db is a folder' facteur --set database=folder.db list show
it 'a database of another program'
need sqlite3
sqlite3 other.db 'CREATE TABLE t (x); INSERT INTO t VALUES (1)'
expect_code 74 facteur --set database=other.db list show
it 'is not written to'
no facteur --set database=other.db list create x
expect_out t sqlite3 other.db .tables
it 'a torn database'
head -c 50000 facteur.db >torn.db
chmod 600 torn.db
run facteur --set database=torn.db report 1
[ "$code" -eq 74 ]
harness_verdict "exit code $code, wanted 74" "$T/out" "$T/err"
it 'a link is not followed'
ln -s facteur.db link.db
expect_err_like 74 'link' facteur --set database=link.db list show
it 'a folder that is not there'
expect_err_like 66 'folder of the database away' facteur --set database=away/facteur.db list show

it 'a newer database is refused in words'
sqlite3 facteur.db '.backup newer.db'
chmod 600 newer.db
sqlite3 newer.db 'PRAGMA user_version = 999'
expect_err_like 74 'format 999, made by a newer facteur' facteur --set database=newer.db list show

# Each change below is made to a copy, and must show.
changed() {
	it "$1"
	sqlite3 facteur.db ".backup changed.db"
	chmod 600 changed.db
	sqlite3 changed.db "$2" || flunk "sqlite3 $2"
	expect_err_like 65 'was changed' facteur --set database=changed.db audit verify
}
changed 'an event that says something else' \
	"UPDATE event SET data = replace(data, '1', '2') WHERE id = (SELECT max(id) FROM event WHERE data LIKE '%1%')"
changed 'an event at another time' 'UPDATE event SET at = at + 1 WHERE id = 3'
changed 'an event of another kind' "UPDATE event SET kind = 'x' WHERE id = 4"
changed 'an event that was taken out' 'DELETE FROM event WHERE id = 5'
changed 'two events that changed places' \
	'UPDATE event SET id = -1 WHERE id = 6; UPDATE event SET id = 6 WHERE id = 7; UPDATE event SET id = 7 WHERE id = -1'
it 'the place is told as JSON too'
sqlite3 facteur.db '.backup changed.db'
chmod 600 changed.db
sqlite3 changed.db 'UPDATE event SET at = at + 1 WHERE id = 3'
expect_code 65 facteur --set database=changed.db audit verify --json
json_is holds false
json_is broken_at 3
