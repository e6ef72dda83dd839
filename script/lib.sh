# Sourced by the scripts here, never run. Sets ROOT to the top of the tree, whatever the
# current folder, and the few words that they share. POSIX sh: a bare Debian has no more.
# shellcheck shell=sh
set -eu
umask 022
ROOT=$(cd -- "$(dirname -- "$0")/.." && pwd -P)
# Messages of compilers and of facteur in one language, and bytes above 127 allowed.
export LC_ALL=C.UTF-8
unset LANGUAGE
# Debian's own tools before anything a user has put in front of them.
PATH=/usr/sbin:/usr/bin:/sbin:/bin${PATH:+:$PATH}
export PATH

# Each argument is a line.
say() {
	printf '%s\n' "$@"
}

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

# Runs quietly; what the command said is shown only if it fails.
quietly() {
	quietly_log=$(mktemp)
	if "$@" >"$quietly_log" 2>&1; then
		rm -f "$quietly_log"
		return 0
	fi
	cat "$quietly_log" >&2
	rm -f "$quietly_log"
	return 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# The mirror this machine uses for Debian itself, else Debian's own.
mirror() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
		/etc/apt/sources.list.d/*.sources 2>/dev/null |
		sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\(http[^ ]*\) bookworm .*/\2/p
			s/^URIs: *\(http[^ ]*\/debian\)\/\{0,1\} *$/\1/p' | sed -n 1p | grep . ||
		echo http://deb.debian.org/debian
}

# The comment on top of a script is its help.
usage() {
	sed -n '2,/^[^#]/{s/^# \{0,1\}//p;}' "$0"
}
