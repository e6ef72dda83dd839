# No work left undone in the tree, and no path of the machine it was written on.
. "$(dirname -- "$0")/lib.sh"

# The words are put together here, so that this file does not hold them.
MARKS='\<(TO''DO|FIX''ME|X''XX|HA''CK)\>|\<for'' now\>|\<simpli''fied\>|\<st''ub(bed)?\>'
PATHS='(^|[^A-Za-z0-9_.$}])/(ho''me|Us''ers|wo''rk|ro''ot)/[A-Za-z0-9]'

# Lock files hold hashes and licences; XXXX is a pattern of mktemp; a queue may well be empty
# at the moment.
undone() {
	files_of "$1" | grep -vE '(^|/)package-lock\.json$' | grep_files "$1" "$MARKS" |
		grep -vE "\<(none|nothing|more) for"" now\>"
}

machine_paths() {
	files_of "$1" | grep_files "$1" "$PATHS"
}

lint "nothing is marked as undone" undone
lint "no path of one machine" machine_paths
sample src/base/x.c "/* TO""DO: later */"
catches "a mark in a comment" undone
sample docs/x.md "This works for"" now."
catches "a makeshift" undone
sample script/x "cd /ho""me/ana/facteur"
catches "a path of one machine" machine_paths
sample docs/x.md "mktemp facteur.XXXXXX, stubborn, today; see https://example.org/wo""rk/x"
sample src/base/x.h "/* false: none for"" now */"
accepts "what only looks like it" undone
sample docs/x.md "see https://example.org/wo""rk/x and src/wo""rk/x"
accepts "a link" machine_paths
