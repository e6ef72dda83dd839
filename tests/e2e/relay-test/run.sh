# timeout: 120
# facteur relay test: what it says where a relay is fine, and for each way in which it can fail,
# against servers that fail so. Nothing is mailed, and no password leaves where it must not.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl

mkdir "$T/tls"
(
	cd "$T/tls" || exit 1
	# authority NAME, certificate NAME ALT-NAME FROM TO: of the authority of that time.
	key='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
	# shellcheck disable=SC2086 # options
	openssl req -x509 $key -keyout ca.key -out ca.pem -subj '/CN=Test Authority' -days 30
	# shellcheck disable=SC2086
	openssl req -x509 $key -keyout self.key -out self.pem -subj /CN=localhost \
		-addext subjectAltName=DNS:localhost -days 30
	printf '%s\n' '[ca]' 'default_ca=a' '[a]' 'database=index' 'serial=serial' 'new_certs_dir=.' \
		'default_md=sha256' 'policy=p' 'unique_subject=no' '[p]' 'commonName=supplied' >ca.cnf
	: >index
	echo 01 >serial
	certificate() {
		# shellcheck disable=SC2086
		openssl req $key -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
		echo "subjectAltName=$2" >"$1.ext"
		openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in "$1.csr" \
			-out "$1.pem" -extfile "$1.ext" -notext -startdate "$3" -enddate "$4"
	}
	now=$(date -u +%Y)
	certificate good DNS:localhost "$((now - 1))0101000000Z" "$((now + 2))0101000000Z"
	certificate expired DNS:localhost 20200101000000Z 20210304000000Z
	certificate early DNS:localhost "$((now + 1))1231000000Z" "$((now + 2))1231000000Z"
	certificate other DNS:mail.example.net,DNS:smtp.example.net \
		"$((now - 1))0101000000Z" "$((now + 2))0101000000Z"
) >"$T/openssl.log" 2>&1 || {
	sed 's/^/# /' "$T/openssl.log"
	exit 1
}
PYTHONPATH=$ROOT/tests/e2e/lib python3 "$ROOT/tests/e2e/relay-test/relays.py" "$T/scene" "$T/tls" ||
	harness_failed=1
