# Promise P1 before anything is made: a value that shows another member stops the plan.
. "$ROOT/tests/cli/lib.sh"

run facteur init -q --demo .
run facteur list create -q sponsors
cat >members.csv <<'CSV'
email,parrain
ana@example.org,bo@example.org
bo@example.org,elsewhere@example.net
cy@example.org,
CSV
run facteur list import -q sponsors members.csv
printf -- '---\nsubject: Hello\n---\nYour sponsor is {{parrain|nobody}}.\n' >with.md
printf -- '---\nsubject: Hello\n---\nHello to you.\n' >without.md
run facteur template add -q with with.md
run facteur template add -q without without.md

it 'a value that is the address of another member stops the plan'
expect_err_like 77 'would show the address bo@example.org to another recipient.*1 of 3 members are concerned: ana@example.org' \
	facteur send --to sponsors --template with --dry-run

it 'no campaign was made'
expect_out '[]' facteur campaign list --json

it 'a template that does not use the value is fine'
run facteur send --to sponsors --template without --dry-run
code_is 0

it 'and so is the value once its owner has left the list'
run facteur list remove -q sponsors bo@example.org
run facteur send --to sponsors --template with --dry-run
code_is 0
