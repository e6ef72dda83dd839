# The harness of tests/cli/*.sh and tests/e2e/*/run.sh, which begin with
#
#	. "$ROOT/tests/cli/lib.sh"
#
# script/test runs them with FACTEUR (the program), BUILD (the build folder) and ROOT (the
# repository) set, and counts the lines "ok - …", "not ok - …", "skip - …" they print.
# A script starts in an empty folder of its own, $T/scene, with an own HOME and no setting of
# the person who runs it; both go when it ends, and so does every server it started.
# KEEP=1 in the environment leaves the folder and says where. "# timeout: 300" near the top
# of a script asks for more than the usual two minutes.
#
#	it 'says what is checked'		the name of the checks that follow
#	expect_code 65 facteur list …		exit code
#	expect_out 'text' facteur …		exit code 0 and exactly this on stdout
#	expect_out - facteur … <<'E'		the same, from a here-document
#	expect_err_like 77 'ERE' facteur …	exit code, and stderr matches
#	run facteur …				runs only; then any of:
#	code_is 0, out_is TEXT|-, out_like ERE, out_unlike ERE, err_is TEXT|-, err_like ERE,
#	json_is added 3, json_is totals.total 3	(a key of the last line of stdout)
#	file_is FILE TEXT|-, ok COMMAND…, no COMMAND…
#	with_input TEXT|-			stdin of the next command, else empty
#	skip NAME WHY, skip_all WHY, need PROGRAM…
#	port=$(free_port); start NAME COMMAND…; wait_port $port; stop NAME
#	wait_for SECONDS COMMAND…		until the command succeeds; never sleep blindly
#
# What a command said is in $T/out and $T/err, its exit code in $code.
# shellcheck shell=sh
set -u
: "${FACTEUR:?script/test sets it}" "${ROOT:?script/test sets it}"
: "${BUILD:=$ROOT/build/release}"
export FACTEUR ROOT BUILD

T=$(mktemp -d "${TMPDIR:-/tmp}/facteur-test.XXXXXX") || exit 1
mkdir "$T/scene" "$T/home" "$T/servers"
export HOME="$T/home" TMPDIR="$T" TZ=UTC LC_ALL=C.UTF-8
unset LANGUAGE XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME
for harness_name in $(env | sed -n 's/^\(FACTEUR_[A-Z0-9_]*\)=.*/\1/p'); do
	unset "$harness_name"
done
cd "$T/scene" || exit 1
harness_it=
harness_failed=0
code=0

facteur() {
	"$FACTEUR" "$@"
}

# --- what is reported ---

it() {
	harness_it=$1
}

harness_label() {
	printf '%s' "${harness_it:-$1}" | tr '\n\t' '  ' | cut -c1-100
}

pass() {
	printf 'ok - %s\n' "$(harness_label "$1")"
}

# flunk NAME [FILE…]: the files tell why.
flunk() {
	printf 'not ok - %s\n' "$(harness_label "$1")"
	harness_failed=$((harness_failed + 1))
	shift
	for harness_file; do
		sed 's/^/#   /' "$harness_file"
	done
}

skip() {
	printf 'skip - %s: %s\n' "$1" "$2"
}

skip_all() {
	skip "$(basename "$0" .sh)" "$1"
	exit 0
}

need() {
	for harness_name; do
		command -v "$harness_name" >/dev/null || skip_all "no $harness_name here"
	done
}

# --- commands and what they said ---

with_input() {
	harness_text "$1" >"$T/in"
}

harness_text() {
	if [ "$1" = - ]; then
		cat
	else
		printf '%s\n' "$1"
	fi
}

run() {
	harness_command=$*
	[ -e "$T/in" ] || : >"$T/in"
	code=0
	"$@" <"$T/in" >"$T/out" 2>"$T/err" || code=$?
	rm -f "$T/in"
}

# harness_verdict WHY FILE…: the check before this line decides.
harness_verdict() {
	if [ $? -eq 0 ]; then
		pass "$harness_command"
	else
		printf '%s\n' "$1" "command: $harness_command" >"$T/why"
		shift
		flunk "$harness_command" "$T/why" "$@"
	fi
}

code_is() {
	[ "$code" -eq "$1" ]
	harness_verdict "exit code $code, wanted $1; it said:" "$T/out" "$T/err"
}

harness_same() {
	harness_text "$2" >"$T/want"
	diff -u --label wanted --label got "$T/want" "$1" >"$T/diff" 2>&1
	harness_verdict "not what was wanted (exit code $code):" "$T/diff" "$T/err"
}

harness_like() {
	grep -qE -e "$2" -- "$1"
	harness_verdict "nothing matches $2 (exit code $code):" "$1"
}

harness_unlike() {
	! grep -qE -e "$2" -- "$1"
	harness_verdict "$2 must not be here (exit code $code):" "$1"
}

out_is() { harness_same "$T/out" "$1"; }
err_is() { harness_same "$T/err" "$1"; }
file_is() { harness_same "$1" "$2"; }
out_like() { harness_like "$T/out" "$1"; }
err_like() { harness_like "$T/err" "$1"; }
out_unlike() { harness_unlike "$T/out" "$1"; }
err_unlike() { harness_unlike "$T/err" "$1"; }

# json KEY[.KEY…]: that value in the last line of stdout, or in all of it where it is one
# document over several lines; as JSON but a text bare.
json() {
	python3 -c '
import json, sys
text = sys.stdin.read()
try:
    value = json.loads(text.splitlines()[-1])
except ValueError:
    value = json.loads(text)
for key in sys.argv[1].split("."):
    value = value[int(key)] if isinstance(value, list) else value[key]
print(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))' "$1" <"$T/out"
}

json_is() {
	harness_got=$(json "$1" 2>"$T/json") && [ "$harness_got" = "$2" ]
	harness_verdict "$1 is ${harness_got:-missing}, wanted $2 (exit code $code):" "$T/out" "$T/err"
}

expect_code() {
	harness_want=$1
	shift
	run "$@"
	code_is "$harness_want"
}

expect_out() {
	harness_text "$1" >"$T/want"
	shift
	run "$@"
	diff -u --label wanted --label got "$T/want" "$T/out" >"$T/diff" && [ "$code" -eq 0 ]
	harness_verdict "exit code $code, wanted 0 and this on stdout:" "$T/diff" "$T/err"
}

expect_err_like() {
	harness_want=$1 harness_ere=$2
	shift 2
	run "$@"
	[ "$code" -eq "$harness_want" ] && grep -qE -e "$harness_ere" "$T/err"
	harness_verdict "exit code $code, wanted $harness_want and $harness_ere on stderr:" \
		"$T/out" "$T/err"
}

ok() {
	run "$@"
	code_is 0
}

no() {
	run "$@"
	[ "$code" -ne 0 ]
	harness_verdict "it should have failed:" "$T/out" "$T/err"
}

# --- servers ---

# A port of the loopback that nobody listens on at this moment.
free_port() {
	python3 -c '
import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    print(s.getsockname()[1])'
}

# wait_for SECONDS COMMAND…: 0 as soon as it succeeds, 1 when the time is over.
wait_for() {
	harness_end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$harness_end" ] || return 1
		sleep 0.05
	done
}

# wait_port PORT [SECONDS]: until somebody listens there.
wait_port() {
	python3 -c '
import socket, sys, time
end = time.monotonic() + float(sys.argv[2])
while True:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        break
    except OSError:
        if time.monotonic() > end:
            sys.exit("nobody listens on port " + sys.argv[1])
        time.sleep(0.02)' "$1" "${2:-10}"
}

# start NAME COMMAND…: in the background; what it says goes to $T/servers/NAME.log.
start() {
	harness_name=$1
	shift
	"$@" </dev/null >"$T/servers/$harness_name.log" 2>&1 &
	printf '%s\n' "$!" >"$T/servers/$harness_name.pid"
}

server_pid() {
	cat "$T/servers/$1.pid"
}

# A finished child stays a zombie until it is waited for, and `kill -0` finds zombies.
harness_gone() {
	case $(ps -o stat= -p "$1" 2>/dev/null) in
	'' | Z*) return 0 ;;
	*) return 1 ;;
	esac
}

# stop NAME [SIGNAL]: politely, then after five seconds not.
stop() {
	harness_pid=$(server_pid "$1") || return 1
	rm -f "$T/servers/$1.pid"
	kill -s "${2:-TERM}" "$harness_pid" 2>/dev/null
	wait_for 5 harness_gone "$harness_pid" || kill -s KILL "$harness_pid" 2>/dev/null
	wait "$harness_pid" 2>/dev/null
	return 0
}

# --- the end ---

harness_end() {
	harness_code=$?
	trap - EXIT INT TERM HUP
	for harness_file in "$T"/servers/*.pid; do
		[ -e "$harness_file" ] && stop "$(basename "$harness_file" .pid)"
	done
	if [ "$harness_code" -ne 0 ]; then
		harness_it=
		flunk "$(basename "$0") ended early with code $harness_code"
	fi
	cd /
	if [ -n "${KEEP-}" ]; then
		printf '# kept: %s\n' "$T"
	else
		rm -rf "$T"
	fi
	[ "$harness_failed" -eq 0 ] && exit 0
	exit 1
}
trap harness_end EXIT
trap 'exit 130' INT TERM HUP
