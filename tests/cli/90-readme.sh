#!/bin/sh
# Every command of the tour in README.md, as it stands there.
. "$ROOT/tests/cli/lib.sh"

# Each line of the sh blocks, whatever stands between, one block after the other.
tour() {
	awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$ROOT/README.md"
}

mkdir "$T/bin"
ln -s "$FACTEUR" "$T/bin/facteur"
tour >"$T/tour.sh"

it 'the tour has commands'
expect_code 0 test "$(grep -c '^facteur ' "$T/tour.sh")" -ge 20
it 'the tour runs from beginning to end'
expect_code 0 env PATH="$T/bin:$PATH" sh -eu "$T/tour.sh"
cp "$T/out" tour.out
cp "$T/err" tour.err
it 'it sent to four'
expect_code 0 grep -c '^Campaign 1: 4 of 4 accepted\.$' tour.err
expect_out 4 sh -c 'ls asso/outbox/new | wc -l'
it 'Zoé saw her name'
expect_code 0 grep -c '^Subject: Zoé, the garden opens on Saturday$' tour.out
it 'Bo is left out of what comes after'
expect_code 0 grep -c '^Left out: *1 member' tour.err
it 'the relay is there, and real'
expect_code 0 grep -c '^mailjet *smtp *in-v3.mailjet.com' tour.out
expect_code 0 grep -c '^Relay: *mailjet, which mails real people$' tour.err
it 'the tour in French ends the same way'
rm -r asso
expect_code 0 env PATH="$T/bin:$PATH" LANGUAGE=fr sh -eu "$T/tour.sh"
expect_out 4 sh -c 'ls asso/outbox/new | wc -l'

# Everything that is in the code font and looks like a file of ours.
it 'the files that README.md names are there'
grep -o '`[A-Za-z/._-]*`' "$ROOT/README.md" | tr -d '`' | grep -E '^(docs|lists|templates|script|[A-Z]+\.md)|/$' | sort -u |
	while read -r name; do
		test -e "$ROOT/$name" || printf '%s\n' "$name"
	done >missing.txt
expect_code 0 cat missing.txt
out_unlike .
it 'the exit codes of README.md are those of the program'
for code_named in 0 3 64 65 66 69 70 73 74 75 77 78; do
	grep -qE "(^|[^0-9])${code_named}[ ,]" "$ROOT/README.md" || printf '%s\n' "$code_named"
done >missing.txt
expect_code 0 cat missing.txt
out_unlike .
