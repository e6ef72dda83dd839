# The shell scripts are plain sh, and shellcheck has no warning for them.
. "$(dirname -- "$0")/lib.sh"

# Set here and used by what sources it, or the other way round: a check of one file cannot see
# it: lib.sh has set -e, which minds each cd. And the samples of lints hold quotes.
UNSEEN=SC1078,SC1091,SC2034,SC2154,SC2164

shell_files_of() {
	(cd "$1" && files_of . | grep -E '^(script/[^/]*|\.ci/run|bench/[^/.]*|tests/run|.*\.sh)$' |
		while read -r file; do
			case $(head -n 1 "$file") in
			'#!/bin/sh'* | '# '* | '. '*) printf '%s\n' "$file" ;;
			*bash*) printf '%s: begins with bash: a bare system may do without\n' "$file" >&2 ;;
			esac
		done)
}

syntax() {
	shell_files_of "$1" | while read -r file; do
		sh -n "$1/$file"
	done
}

warnings() {
	shell_files_of "$1" |
		(cd "$1" && xargs -d '\n' -r shellcheck -s sh -S warning -f gcc -e "$UNSEEN")
}

lint "shell scripts are sound" syntax
sample tests/cli/x.sh '# broken
if true; then'
catches "a script that sh cannot read" syntax
sample script/x '#!/usr/bin/env bash
echo'
catches "a script for another shell" syntax
if command -v shellcheck >/dev/null; then
	lint "shellcheck has no warning" warnings
	# shellcheck disable=SC2016 # the text of a script
	sample script/x '#!/bin/sh
[ "$1" == x ]'
	catches "a careless script" warnings
else
	echo "skip - warnings of shellcheck: it is not here"
fi
