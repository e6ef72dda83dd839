# Whoever counts must be able to say no: the harness of the shell tests and the runner.
. "$(dirname -- "$0")/lib.sh"

# wants NAME LINE: what the last thing said ($said) has this very line.
wants() {
	if printf '%s\n' "$said" | grep -qxF -e "$2"; then
		report "$1" ''
	else
		report "$1" "no line \"$2\" in:
$said"
	fi
}

play() {
	sample tests/cli/x.sh ". '$ROOT/tests/cli/lib.sh'
$1"
	said=$(ROOT="$ROOT" FACTEUR=/bin/true sh "$SAMPLE/tests/cli/x.sh" 2>&1) && code=0 || code=$?
	said="$said
exit $code"
}

play 'expect_code 0 true; it "a wrong output"; expect_out yes echo no'
wants "a check that holds" "ok - true"
wants "a wrong output" "not ok - a wrong output"
wants "a failure is the script's too" "exit 1"
play 'it "a wrong code"; expect_code 65 sh -c "exit 64"'
wants "a wrong exit code" "not ok - a wrong code"
play 'it "output and failure"; expect_out yes sh -c "echo yes; exit 3"'
wants "the right output with a failure" "not ok - output and failure"
play 'echo $nobody_set_this'
wants "a script that ends early" "not ok - x.sh ended early with code 2"
play 'it "a value"; run echo "{\"n\":2}"; json_is n 3; it "no value"; json_is m 2'
wants "another value" "not ok - a value"
wants "a missing value" "not ok - no value"
play 'start sleeper sleep 600; pid=$(server_pid sleeper); echo "pid $pid"'
pid=$(printf '%s\n' "$said" | sed -n 's/^pid //p')
report "servers end with their script" "$(ps -o stat= -p "${pid:-1}" 2>/dev/null | grep -v Z)"

# The runner, on a tree of its own.
sample tests/cli/good.sh 'echo "ok - one"; echo "skip - two: no"'
sample tests/cli/bad.sh 'echo "ok - one"; echo "not ok - two"'
sample tests/cli/silent.sh ':'
sample tests/cli/dies.sh 'echo "ok - one"; exit 3'
sample tests/cli/hangs.sh '# timeout: 1
echo "ok - one"; exec sleep 60'
runner=$ROOT/tests/run
said=$(ROOT=$SAMPLE BUILD=$SAMPLE/build FACTEUR=/bin/true SLOWER=1 sh "$runner" \
	sh:tests/cli/good.sh sh:tests/cli/bad.sh sh:tests/cli/silent.sh sh:tests/cli/dies.sh \
	sh:tests/cli/hangs.sh) && code=0 || code=$?
said="$said
exit $code"
wants "a failed test" "not ok  cli/bad: two  ($SAMPLE/build/log/cli/bad.log)"
wants "a test that says nothing" "not ok  cli/silent: reported nothing  ($SAMPLE/build/log/cli/silent.log)"
wants "a test that dies" "not ok  cli/dies: ended with code 3  ($SAMPLE/build/log/cli/dies.log)"
wants "a test that hangs" "not ok  cli/hangs: stopped after 1 seconds  ($SAMPLE/build/log/cli/hangs.log)"
wants "what is skipped" "skip    cli/good: two: no"
wants "the sums" "4 passed, 4 failed"
wants "failures are the runner's too" "exit 1"
