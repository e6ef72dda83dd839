#!/bin/sh
# timeout: 300
# tests/e2e/import/run.sh [BUILD_DIR]
#
# Python's csv module as the judge of our reader: N files (3,000; with LONG=1 30,000) of
# quotes, delimiters and line ends in any order are cut into the same records and fields.
# SEED=n for other files.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
: "${ROOT:=$(CDPATH='' cd -- "$here/../../.." && pwd)}"
BUILD=${1:-${BUILD:-$ROOT/build/release}}
count=${N:-3000}
[ -z "${LONG-}" ] || count=${N:-30000}
dir=$(mktemp -d "${TMPDIR:-/tmp}/facteur-csv.XXXXXX")
trap 'rm -rf "$dir"' EXIT

if /usr/bin/python3 "$here/differential.py" "$BUILD/tests/unit_import_test_csv" "$dir" "$count" \
	"${SEED:-1}" >"$dir/log" 2>&1; then
	echo "ok - $(tail -n 1 "$dir/log")"
else
	sed 's/^/# /' "$dir/log" | head -n 20
	echo "not ok - $(tail -n 1 "$dir/log")"
	exit 1
fi
