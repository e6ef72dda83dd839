# timeout: 120
# Real bounces from the collections of other parsers, where they are at hand beside the tree: how
# well they are read, with each kind of line end, and cut off anywhere. They hold addresses of
# people and stay outside of the tree.
. "$ROOT/tests/cli/lib.sh"
COLLECTION=$(dirname -- "$ROOT")/shared/bounces
[ -d "$COLLECTION/messages" ] || COLLECTION=$ROOT/../shared/bounces
[ -d "$COLLECTION/messages" ] || skip_all "the collection of bounces (../shared/bounces) is not here"
need python3

python3 "$ROOT/tests/e2e/bounces/line_ends.py" "$COLLECTION/messages" .
for ends in asis lf crlf cr; do
	facteur bounce parse --json "$ends" >"$ends.ndjson" 2>"$ends.err" || cat "$ends.err"
done

# The least that is taken, a little below what docs/bounces.md gives.
python3 "$COLLECTION/score.py" asis.ndjson >score
cat score
at_least() {
	it "$1: at least $2 %"
	ok awk -v name="$1" -v least="$2" '
		{ label = $0; sub(/ +[0-9]+\/.*/, "", label) }
		label == name && $(NF - 1) + 0 >= least { found = 1 }
		END { exit !found }' score
}
at_least 'detected' 99.5
at_least 'recipients' 98.9
at_least 'recipients (not sisimai)' 99
at_least 'status' 95.5
at_least 'reason' 98
at_least 'hard' 98.9
at_least 'complaints' 95
at_least 'auto-replies' 100
it 'no false bounce'
ok grep -q '^false bounces  *0/' score
it 'no automatic reply is taken for a bounce'
ok grep -q '^auto-reply taken for bounce  *0/' score

for ends in crlf cr; do
	it "line ends as $ends say the same as LF"
	ok python3 "$ROOT/tests/e2e/bounces/same.py" lf.ndjson "$ends.ndjson"
done

it 'cut at every 64th octet, no message says what the whole of it contradicts'
"$BUILD/tests/tools/bounce_cut" asis/* >cuts || tail -n 20 cuts
ok grep -Eq '^cuts [1-9][0-9]{4,} wrong 0$' cuts
