#!/bin/sh
# Help, usage, and words that are no command: everything comes from one table.
. "$ROOT/tests/cli/lib.sh"

# The rows of the table in facteur -h: "noun verb ARGS", two spaces or more, the summary.
rows() {
	facteur -h | sed -n '/^Commands:/,/^$/s/^  \([a-z].*\)$/\1/p'
}

it 'facteur alone shows the commands and asks which one'
expect_err_like 64 'which command' facteur
out_like '^  list import NAME FILE +add members'
it '-h shows the same on stdout, and is no mistake'
cp "$T/out" "$T/alone"
expect_code 0 facteur -h
file_is "$T/alone" - <"$T/out"
err_unlike .
it 'help is -h'
expect_out - facteur help <"$T/alone"
it 'help fits a terminal of 80 columns'
no grep -E '^.{81}' "$T/alone"

rows >"$T/rows"
it 'the table has all the commands of this version'
expect_out 46 grep -c . "$T/rows"
while IFS= read -r row; do
	left=$(printf '%s\n' "$row" | sed 's/   *.*//;s/ \[*[A-Z].*//')
	summary=$(printf '%s\n' "$row" | sed -E 's/^[a-z ]+( \[?[A-Z|-]+\]?(\.\.\.)?)* +//')
	it "$left -h shows its row of the table"
	# shellcheck disable=SC2086
	run facteur $left -h
	[ "$code" -eq 0 ] && grep -q "^Usage: facteur $left" "$T/out" &&
		grep -qiF -- "$summary" "$T/out"
	harness_verdict "code $code; wanted Usage and: $summary" "$T/out" "$T/err"
	cp "$T/out" "$T/one"
	it "$left -h fits a terminal of 80 columns"
	out_unlike '^.{81}'
	it "help $left is the same as $left -h"
	# shellcheck disable=SC2086
	expect_out - facteur help $left <"$T/one"
done <"$T/rows"

it 'a noun alone shows its verbs and asks'
expect_err_like 64 '"list" what' facteur list
out_like '^  list export NAME'
out_unlike 'template'
it 'a noun with -h shows its verbs'
expect_code 0 facteur list -h
it 'so does help with a noun'
expect_code 0 facteur help list
out_like '^  list export NAME'

it 'did you mean: a noun'
expect_err_like 64 '"lst"; did you mean "list"' facteur lst
it 'did you mean: a verb'
expect_err_like 64 '"list imprt"; did you mean "list import"' facteur list imprt
it 'nothing near: where the commands are listed'
expect_err_like 64 'no command "xylophone"; facteur -h lists them' facteur xylophone
it 'nothing near: where the verbs are listed'
expect_err_like 64 'facteur list -h lists them' facteur list xylophone
it 'help of what is not there'
expect_err_like 64 'did you mean "list"' facteur help lst
it 'did you mean: an option'
expect_err_like 64 'no option --titel; did you mean --title' facteur list create x --titel y
it 'an unknown letter'
expect_err_like 64 'no option -Z' facteur list show -Z
it 'an option of another command'
expect_err_like 64 'no option --dry-run' facteur list show --dry-run
it 'a word is missing'
expect_err_like 64 'facteur list import NAME FILE' facteur list import members
it 'a word too many is named'
expect_err_like 64 '"members" is one word too many' facteur list show all members
it 'no words wanted at all'
expect_err_like 64 '"members" is one word too many: facteur send wants options only' facteur send members
it 'an option without its value'
expect_err_like 64 'wants a value: --to LIST' facteur send --to
it 'a flag with a value'
expect_err_like 64 'takes no value' facteur send --dry-run=yes
it 'a number that is none'
expect_err_like 64 'whole number, not "3x"' facteur send --limit 3x
it 'a choice that is none'
expect_err_like 64 'auto.*individual.*bcc.*not "all"' facteur send --mode all
it 'an option before its command'
expect_err_like 64 'goes to the end' facteur list --origin show
it '--json where there is nothing to print'
expect_err_like 64 'JSON' facteur list create x --json
no test -e facteur.db

it 'version in words'
expect_code 0 facteur version
out_like '^facteur [0-9]+\.[0-9]+\.[0-9]+$'
cp "$T/out" "$T/one"
it '--version is the same'
expect_out - facteur --version <"$T/one"
it 'version as JSON'
expect_code 0 facteur version --json
json_is schema 1

it 'in French, as wide'
run env LANGUAGE=fr "$FACTEUR" -h
out_like '^Commandes'
out_unlike '^.{81}'
run env LANGUAGE=fr "$FACTEUR" list import -h
out_unlike '^.{81}'
it 'in French where no French locale is installed'
run env LC_ALL=fr_FR.UTF-8 "$FACTEUR" lst
err_like 'commande'
