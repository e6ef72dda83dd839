#!/bin/sh
# src/net and src/smtp over real sockets: aiosmtpd in all its modes, and servers that must be
# refused without a byte of the password. $1 is the program net_probe; 77: cannot run here.
set -eu
probe=$1
here=$(cd -- "$(dirname -- "$0")" && pwd)
python=/usr/bin/python3
"$python" -c 'import aiosmtpd' 2>/dev/null || { echo "skip: aiosmtpd is not installed"; exit 77; }
command -v openssl >/dev/null || { echo "skip: openssl is not installed"; exit 77; }

dir=$(mktemp -d)
servers=
failed=0
tests=0
# shellcheck disable=SC2086 # a list of process ids
trap 'kill $servers 2>/dev/null || :; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM HUP

export PROBE_CA="$dir/ca.pem" PROBE_USER=ana@lists.example PROBE_PASSWORD=S3cret-canary
# base64 of what AUTH PLAIN and AUTH LOGIN would send
canary='S3cret-canary|UzNjcmV0LWNhbmFyeQ|AGFuYUBsaXN0cy5leGFtcGxlAFMzY3JldC1jYW5hcnk'

# certificate NAME SUBJECT-ALT-NAME DAYS: signed by the throw-away authority.
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/$1.key" \
		-out "$dir/$1.csr" -subj "/CN=$1" 2>/dev/null
	echo "subjectAltName=$2" >"$dir/$1.ext"
	openssl x509 -req -in "$dir/$1.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -CAcreateserial \
		-days "$3" -extfile "$dir/$1.ext" -out "$dir/$1.pem" 2>/dev/null
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/ca.key" \
	-out "$dir/ca.pem" -subj "/CN=test authority" -days 2 2>/dev/null
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$dir/self.key" \
	-out "$dir/self.pem" -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 2 2>/dev/null
certificate good DNS:localhost 2
certificate expired DNS:localhost -1
certificate other DNS:mail.example.net 2

# serve MODE [CERT]: sets port, and log where it writes.
serve() {
	log="$dir/log.$tests"
	: >"$log"
	: >"$dir/port"
	if [ $# -gt 1 ]; then
		set -- "$1" "$log" "$dir/$2.pem" "$dir/$2.key"
	else
		set -- "$1" "$log"
	fi
	"$python" "$here/server.py" "$@" >"$dir/port" 2>"$dir/server.err" &
	servers="$servers $!"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		[ -s "$dir/port" ] && break
		sleep 0.25
	done
	port=$(cat "$dir/port")
}

# play NAME TLS AUTH CONNECTIONS MESSAGES: runs the probe against the server.
play() {
	tests=$((tests + 1))
	name=$1
	shift
	"$probe" "${host:-localhost}" "$port" "$@" >"$dir/out" 2>"$dir/err" && code=0 || code=$?
}

ok() {
	if "$@" >/dev/null 2>&1; then
		echo "ok - $name"
	else
		failed=1
		echo "not ok - $name: $*"
		sed 's/^/    /' "$dir/out" "$dir/err"
		tail -n 3 "$dir/server.err" | sed 's/^/    /'
	fi
}

says() { grep -q -e "$1" "$dir/out"; }
accepted() { [ "$code" -eq 0 ] && says "^accepted $1 " && [ "$(grep -c ^message "$log")" -eq "$1" ]; }
# One digest: every message came through byte for byte the same.
same() { [ "$(sed -n 's/^message.* //p' "$log" | sort -u | wc -l)" -eq 1 ]; }
logins() { grep -q "^login $1" "$log"; }
# Refused for the reason of that name (enum net_trouble), nothing sent, no password anywhere.
refused() {
	[ "$code" -ne 0 ] && says "trouble $1 exit $2" && ! grep -q '^message' "$log" &&
		! grep -qE "$canary" "$dir/out" "$dir/err" &&
		! sed -n 's/^bytes //p' "$log" | xxd -r -p | grep -qE "$canary"
}

serve plain
play "plain, one connection" none none 1 20
ok accepted 20
ok same
play "plain, ten connections" none none 10 300
ok [ "$(grep -c ^message "$log")" -eq 320 ]
PROBE_FD=1 play "plain, a socket of our own" none none 1 5
ok says "^accepted 5 "
PROBE_SIZE=3000000 play "plain, three megabytes" none none 2 4
ok says "^accepted 4 "
play "no password in clear text" none plain 1 1
ok says "^failed exit 78:"

serve starttls good
play "STARTTLS, AUTH PLAIN" starttls plain 1 20
ok accepted 20
ok logins PLAIN
ok same
play "STARTTLS, AUTH LOGIN, ten connections" starttls login 10 100
ok says "^accepted 100 "
ok logins LOGIN
play "STARTTLS, AUTH as offered" starttls auto 1 2
ok says "^accepted 2 "
PROBE_SIZE=3000000 play "STARTTLS, three megabytes" starttls auto 2 4
ok says "^accepted 4 "
PROBE_PASSWORD=wrong-S3cret-canary play "535: wrong password" starttls auto 1 1
ok says "trouble login exit 69"
ok [ "$(grep -c canary "$dir/out")" -eq 0 ]

serve implicit good
play "implicit TLS, AUTH PLAIN" implicit plain 4 40
ok accepted 40
play "STARTTLS spoken to implicit TLS" starttls plain 1 1
ok [ "$code" -ne 0 ]

serve plain
PROBE_TIMEOUT=3000 play "implicit TLS spoken to plain SMTP" implicit plain 1 1
ok says "trouble tls exit 69"
play "STARTTLS not offered" starttls plain 1 1
ok refused no-starttls 69

for tls in starttls implicit; do
	for bad in expired:cert-date other:cert-name self:cert; do
		serve "$tls" "${bad%:*}"
		play "$tls, ${bad%:*} certificate" "$tls" plain 1 1
		ok refused "${bad#*:}" 69
		ok [ ! -s "$log" ]
	done
done
serve implicit good
PROBE_CA='' play "an authority that nobody knows" implicit plain 1 1
ok refused cert 69
host=127.0.0.1 play "the address instead of the name" implicit plain 1 1
ok refused cert-name 69
OLD_TLS=1 serve implicit good
play "TLS 1.1" implicit plain 1 1
ok refused tls 69

serve stripped
play "STARTTLS struck out, AUTH offered in the clear" starttls plain 1 1
ok refused no-starttls 69
serve inject
play "answers injected before the TLS handshake" starttls plain 1 1
ok refused injected 69
serve no-auth good
play "TLS without AUTH" starttls auto 1 1
ok refused no-auth 69
serve refused-later good
play "454: login later" starttls plain 1 1
ok refused login-later 75
serve busy
play "421 for a greeting" none none 1 1
ok refused greeting 75
ok says "421 4.3.2 too many connections"
serve silent
PROBE_TIMEOUT=1000 play "a server that never speaks" none none 1 1
ok refused timeout 75

port=1
play "nobody listens" none none 1 1
ok refused refused 75
host=no-such-host.invalid PROBE_TIMEOUT=5000 play "no such name" none none 1 1
ok [ "$code" -ne 0 ]
exit $failed
