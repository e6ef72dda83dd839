#!/bin/sh
# timeout: 300
# Import of each sample, of files that go wrong in every way, and export.
. "$ROOT/tests/cli/lib.sh"
cp "$ROOT"/lists/*.csv .
facteur -q list create members

# What is in the list now, to see that a failure changed nothing.
snapshot() {
	facteur list export members
}

it 'the JSON summary has the keys of the contract'
expect_code 0 facteur list import members membres.csv --json
json_is schema 1
json_is read 26
json_is added 24
json_is updated 0
json_is duplicate 2
json_is rejected 0
json_is rejects_file null
cp "$T/out" "$T/one"
it 'and is one line'
expect_out 1 grep -c . "$T/one"
it 'the same file again changes nothing'
expect_code 0 facteur list import members membres.csv --json
json_is added 0
json_is duplicate 26
it 'in words'
expect_code 0 facteur list import members membres.csv
out_unlike .
err_like 'UTF-8'
err_like 'Courriel = email, Prénom = given_name, Nom = family_name'
err_like '^26 rows: 0 added, 0 updated, 26 already there, 0 refused\.$'
it 'silent with -q'
expect_code 0 facteur -q list import members membres.csv
err_unlike .

# file, encoding as it is announced, rows, added to an empty list
while read -r file charset rows added; do
	facteur -q list create "l-${file%.csv}"
	it "$file is read as $charset"
	expect_code 0 facteur list import "l-${file%.csv}" "$file" --json
	json_is charset "$charset"
	json_is read "$rows"
	json_is added "$added"
done <<'L'
excel-windows-1252.csv windows-1252 23 23
utf16.csv UTF-16LE 24 24
thunderbird.csv UTF-8 12 12
google.csv UTF-8 14 14
members-en.csv UTF-8 20 20
L
it 'names from windows-1252 arrive as written'
expect_code 0 facteur list export l-excel-windows-1252
out_like '^zoe.lefevre@example.org,Zoé Lefèvre,'
it 'names from UTF-16 too'
expect_code 0 facteur list export l-utf16
out_like '^oedipe.noeuds@example.org,Œdipe Nœuds,'

it 'rows that cannot be taken are told and kept aside'
expect_code 0 facteur list import members with-mistakes.csv --json
json_is read 17
json_is rejected 12
json_is rejects_file with-mistakes.rejects.csv
it 'the file of rejects is mine alone'
expect_out 600 stat -c %a with-mistakes.rejects.csv
it 'it has a heading, and a line for each reject with line, reason and row'
expect_out 13 grep -c . with-mistakes.rejects.csv
expect_code 0 head -n 2 with-mistakes.rejects.csv
out_like '^.?"?[Ll]ine'
it 'a second time another file is made'
expect_code 0 facteur list import members with-mistakes.csv --json
json_is rejects_file with-mistakes.rejects-2.csv
it 'or the one that is asked for'
expect_code 0 facteur list import members with-mistakes.csv --rejects mine.csv
ok test -s mine.csv
it 'which is never one that is there already'
no facteur list import members with-mistakes.csv --rejects mine.csv

facteur -q list create map
printf 'Personne;Nom complet;N° adhérent\nana@example.org;Ana Ruiz;=1+1\nbo@example.org;Bo;7\n' >map.csv
it 'a file without any addresses'
printf 'Personne;Ville\nAna;Lyon\n' >none.csv
expect_err_like 65 'none.csv' facteur list import map none.csv
it 'a column is known by what stands in it'
facteur -q list create known
printf 'Personne;Ville\nxa@example.org;Lyon\n' >known.csv
expect_code 0 facteur list import known known.csv --json
json_is mapping 'Personne = email, Ville = ville'
it '--map says what a column means'
expect_code 0 facteur list import map map.csv --map Personne=email --map 'Nom complet=name' \
	--map 'N° adhérent=number' --json
json_is added 2
json_is mapping 'Personne = email, Nom complet = name, N° adhérent = number'
it '--map of a column that is not there'
expect_err_like 64 'no column "Kontakt". The columns are: Personne,' facteur list import map map.csv --map Kontakt=email
it '--map to a name that cannot be one'
no facteur list import map map.csv --map 'Personne=}}{{'
it '--delimiter of two characters'
expect_err_like 64 'one character' facteur list import map map.csv --delimiter ab
it 'from a pipe'
with_input - <<'C'
email
cy@example.org
C
expect_code 0 facteur list import map - --json
json_is added 1

it 'export: a formula gets an apostrophe'
expect_out - facteur list export map <<X
$(printf 'email,name,number\r\nana@example.org,Ana Ruiz,'"'"'=1+1\r\nbo@example.org,Bo,7\r\ncy@example.org,,\r')
X
it 'export --raw leaves it'
expect_code 0 facteur list export map --raw
out_like '^ana@example.org,Ana Ruiz,=1\+1'
cp "$T/out" "$T/raw.csv"
it 'export, then import: the same list'
facteur -q list create again
ok facteur list import again "$T/raw.csv"
expect_out - facteur list export again --raw <"$T/raw.csv"
it 'so it is for every sample'
for file in membres excel-windows-1252 utf16 thunderbird google members-en; do
	case $file in
	membres) list=members ;;
	*) list=l-$file ;;
	esac
	facteur list export "$list" --raw >"$T/$file.out"
	facteur -q list create "again-$file"
	expect_code 0 facteur -q list import "again-$file" "$T/$file.out"
	facteur list export "again-$file" --raw >"$T/$file.again"
	ok python3 -c '
import csv, sys
a, b = (sorted(map(lambda row: sorted(row.items()), csv.DictReader(open(n, newline="", encoding="utf-8")))) for n in sys.argv[1:])
sys.exit(a != b)' "$T/$file.out" "$T/$file.again"
done
it 'export of nothing is the heading'
facteur -q list create empty
expect_out "$(printf 'email,name\r')" facteur list export empty

snapshot >"$T/before"
it 'no such file'
expect_err_like 66 'nowhere.csv' facteur list import members nowhere.csv
it 'a folder'
expect_err_like 66 'folder' facteur list import members .
it 'a file that may not be read'
if [ "$(id -u)" -ne 0 ]; then
	printf 'email\n' >closed.csv && chmod 000 closed.csv
	expect_err_like 66 'closed.csv' facteur list import members closed.csv
fi
it 'an empty file'
: >empty.csv
expect_err_like 65 'empty' facteur list import members empty.csv
it 'cut off within quotes'
printf 'email,name\nnew1@example.org,New\nnew2@example.org,"cut' >cut.csv
expect_err_like 65 'cut.csv' facteur list import members cut.csv
it 'encodings mixed in one file'
{
	printf 'email,name\nnew1@example.org,Zo\303\251 \342\202\254\n'
	printf 'new2@example.org,Zo\351\n'
} >mixed.csv
expect_err_like 65 'mixed.csv' facteur list import members mixed.csv
it 'a NUL byte'
printf 'email,name\nnew1@example.org,a\000b\n' >nul.csv
no facteur list import members nul.csv
it 'an image'
printf '\211PNG\r\n\032\n\000\000\000\rIHDR' >image.csv
expect_code 65 facteur list import members image.csv
it 'a spreadsheet that is no CSV'
printf 'PK\003\004\024\000\006\000' >book.xlsx
expect_code 65 facteur list import members book.xlsx
it 'one line of 100 MB, within 64 MB of memory'
{
	printf 'email,name\nnew1@example.org,New\n'
	head -c 100000000 /dev/zero | tr '\0' a
} >long.csv
# A sanitizer or valgrind reserves more than that for itself.
limit=unlimited
if [ "$FACTEUR" = "$BUILD/cmd/facteur" ] &&
	! grep -q '^FCT_SANITIZE:STRING=.' "$BUILD/CMakeCache.txt"; then
	limit=65536
fi
expect_err_like 65 'long.csv' sh -c "ulimit -v $limit; exec \"\$FACTEUR\" list import members long.csv"
rm -f long.csv
it 'after all that the list is what it was'
snapshot >"$T/after"
ok cmp "$T/before" "$T/after"
it 'and the log of events is whole'
ok facteur audit verify

it 'who has unsubscribed stays out'
need sqlite3
ok sqlite3 facteur.db "UPDATE subscription SET state = 1 WHERE list_id = (SELECT id FROM list WHERE name = 'map') AND contact_id = (SELECT id FROM contact WHERE address = 'bo@example.org')"
expect_code 0 facteur list import map map.csv --map Personne=email --map 'Nom complet=name' \
	--map 'N° adhérent=number' --json
json_is unsubscribed 1
expect_code 0 facteur list show map --json
json_is subscribed 2
json_is unsubscribed 1
it 'even when added by hand'
expect_code 0 facteur list add map bo@example.org
err_like 'stays out'
expect_code 0 facteur list export map
out_unlike 'bo@example.org'
it 'a list that remembers who has unsubscribed is not deleted by the way'
expect_err_like 77 'unsubscribed from the list map .1.' facteur list delete map
expect_code 0 facteur list show map
it 'but on purpose'
expect_code 0 facteur list delete map --forget
