# Shared by the lints of this folder: a lint is a function that reads the files of the tree
# $1, prints what it finds as "file:line: what", and nothing when all is well.
# shellcheck shell=sh
set -u
: "${ROOT:=$(cd -- "$(dirname -- "$0")/../.." && pwd -P)}"
lint_failed=0
SAMPLE=$(mktemp -d "${TMPDIR:-/tmp}/facteur-lint.XXXXXX") || exit 1
trap 'rm -rf "$SAMPLE"; exit "$lint_failed"' EXIT
trap 'exit 1' INT TERM HUP

# Every file of the tree that is ours, one a line, relative to it: what git follows or would
# add. A tree without git (an unpacked archive, a sample) gives all but what is built.
files_of() {
	if [ -e "$1/.git" ] && command -v git >/dev/null; then
		git -c safe.directory='*' -C "$1" ls-files -co --exclude-standard
	else
		(cd "$1" && find . -type f ! -path './.git/*' ! -path './build/*' \
			! -path './demo/*' ! -path '*/node_modules/*' | sed 's#^\./##')
	fi | sort | while read -r file; do
		# A file that was deleted but not yet committed is still in git's list.
		[ ! -f "$1/$file" ] || printf '%s\n' "$file"
	done
}

c_files_of() {
	files_of "$1" | grep -E '^(src|cmd)/.*\.[ch]$'
}

# grep_files TREE ERE GREP-OPTIONS…: names on stdin; "file:line:text" of what matches.
# Binary files are not text: -I passes over them.
grep_files() {
	grep_tree=$1 grep_ere=$2
	shift 2
	(cd "$grep_tree" && xargs -d '\n' -r grep -InHE "$@" -e "$grep_ere" -- /dev/null)
}

report() {
	if [ -z "$2" ]; then
		printf 'ok - %s\n' "$1"
	else
		printf 'not ok - %s\n' "$1"
		printf '%s\n' "$2" | sed 's/^/#   /'
		lint_failed=1
	fi
}

# lint NAME FUNCTION: the tree holds nothing that FUNCTION finds.
lint() {
	report "$1" "$("$2" "$ROOT" 2>&1)"
}

# sample FILE TEXT: puts one file into a tree of samples.
sample() {
	mkdir -p "$SAMPLE/$(dirname "$1")"
	printf '%s\n' "$2" >"$SAMPLE/$1"
}

# catches NAME FUNCTION: the samples so far are bad, and FUNCTION says so. Clears them.
catches() {
	if [ -n "$("$2" "$SAMPLE" 2>&1)" ]; then
		report "$1 is caught" ''
	else
		report "$1 is caught" "a bad sample went through"
	fi
	rm -rf "${SAMPLE:?}"/*
}

# accepts NAME FUNCTION: the samples so far are good. Clears them.
accepts() {
	report "$1 is accepted" "$("$2" "$SAMPLE" 2>&1)"
	rm -rf "${SAMPLE:?}"/*
}
