#!/bin/sh
# timeout: 300
# tests/e2e/message/run.sh [BUILD_DIR]
#
# mail/message against others and against those who wish it ill:
#   - Python's email and GMime see the same parts and the same text in messages made by
#     hand (made.py) and in real ones, where those are; explained.py says why not where not;
#   - bombs.py's messages cost no more than MS_MAX ms of processor time per 3 MB and KB_MAX of memory.
. "${ROOT:=$(CDPATH='' cd -- "$(dirname -- "$0")/../../.." && pwd)}/tests/cli/lib.sh"

here=$ROOT/tests/e2e/message
reader=$BUILD/tests/tools/read_message
real=$ROOT/../shared/bounces/messages
MS_MAX=50
KB_MAX=65536
need python3
[ -x "$reader" ] || skip_all "read_message is not built"

it 'the messages made by hand can be made'
ok python3 "$here/made.py" made
set -- made/*.eml
if [ -d "$real" ]; then
	set -- "$@" "$real"/*.eml
else
	skip 'real messages' "$real is not here"
fi

it 'all that should be text is UTF-8'
run "$reader" "$@"
code_is 0
mv "$T/out" read.json

# judge NAME: what it found is shown where it fails.
judge() {
	it "$1 reads the same"
	run /usr/bin/python3 "$here/judge.py" "$1" read.json
	code_is 0
}
judge python
if /usr/bin/python3 -c 'import gi; gi.require_version("GMime", "3.0")' 2>/dev/null; then
	judge gmime
else
	skip gmime 'python3-gi or gir1.2-gmime-3.0 is not here'
fi

# A sanitizer makes all of it slower, and larger.
if [ "$(sed -n 's/^FCT_SANITIZE:[A-Z]*=//p' "$BUILD/CMakeCache.txt" 2>/dev/null)" ]; then
	MS_MAX=2000
	KB_MAX=4194304
fi
python3 "$here/bombs.py" bombs >bombs.log
for bomb in bombs/*.eml; do
	timeout 60 "$reader" -t 3 "$bomb" || printf '{"file":"%s","bytes":0,"us":1e12,"rss_kb":0}\n' "$bomb"
	rm -f "$bomb"
done >bombs.json 2>bombs.err
it "each bomb costs at most $MS_MAX ms per 3 MB and $KB_MAX KB beside it"
run python3 "$here/bombs.py" --check bombs.json "$MS_MAX" "$KB_MAX"
code_is 0
