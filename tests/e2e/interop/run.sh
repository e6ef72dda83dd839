#!/bin/sh
# timeout: 600
# tests/e2e/interop/run.sh [BUILD_DIR]
#
# Other people's mail readers as judges of what we compose: N messages (300; with LONG=1
# 5,000) of awkward subjects, names and bodies must come back byte for byte from Python's
# email (policy strict), GMime and npm mailparser. SEED=n for other messages.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
: "${ROOT:=$(CDPATH='' cd -- "$here/../../.." && pwd)}"
BUILD=${1:-${BUILD:-$ROOT/build/release}}
count=${N:-300}
[ -z "${LONG-}" ] || count=${N:-5000}
seed=${SEED:-1}
: "${NODE_PATH:=$ROOT/build/npm/node_modules}"
dir=$(mktemp -d "${TMPDIR:-/tmp}/facteur-interop.XXXXXX")
bad=0

# The messages stay where a judge found fault with one.
leave() {
	[ "$bad" -ne 0 ] || [ -n "${KEEP-}" ] || rm -rf "$dir"
	[ "$bad" -eq 0 ] || echo "# the messages are in $dir"
}
trap leave EXIT

# judge NAME COMMAND…: the judge's findings as comments, then one line.
judge() {
	name=$1
	shift
	if "$@" >"$dir/$name.log" 2>&1; then
		echo "ok - $(tail -n 1 "$dir/$name.log")"
		return
	fi
	bad=1
	sed 's/^/# /' "$dir/$name.log" | head -n 20
	echo "not ok - $(tail -n 1 "$dir/$name.log")"
}

if ! "$BUILD/tests/unit_compose_test_interop" "$dir" "$count" "$seed" >"$dir/compose.log" 2>&1; then
	bad=1
	sed 's/^/# /' "$dir/compose.log"
	echo "not ok - the messages could not be composed"
	exit 1
fi

judge python /usr/bin/python3 "$here/judge_python.py" "$dir"

if /usr/bin/python3 -c 'import gi; gi.require_version("GMime", "3.0")' 2>/dev/null; then
	judge gmime /usr/bin/python3 "$here/judge_gmime.py" "$dir"
else
	echo "skip - gmime: python3-gi or gir1.2-gmime-3.0 is not here"
fi

if ! command -v node >/dev/null; then
	echo "skip - mailparser: node is not here"
elif [ -d "$NODE_PATH/mailparser" ] || (cd "$dir" && NODE_PATH=$dir/node_modules &&
	npm install --no-audit --no-fund --silent mailparser@3.7.2 >npm.log 2>&1); then
	[ -d "$NODE_PATH/mailparser" ] || NODE_PATH=$dir/node_modules
	judge mailparser node "$here/judge_mailparser.js" "$dir" "$NODE_PATH"
else
	echo "skip - mailparser: npm cannot install it"
fi
exit "$bad"
