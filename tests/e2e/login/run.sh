# timeout: 150
# Logging in, and the way there: Dovecot's submission server with every kind of login it has,
# servers that refuse, wait, inject or want a certificate, proxies, IPv6, a source address.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl

mkdir "$T/tls"
chmod 711 "$T" # Dovecot's own users read below it
(
	cd "$T/tls" || exit 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key \
		-out ca.pem -subj '/CN=test authority' -days 2
	echo 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' >ext
	for name in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key \
			-out $name.csr -subj /CN=$name
		openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
			-extfile ext -out $name.pem
	done
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout stranger.key \
		-out stranger.pem -subj /CN=stranger -days 2
	openssl pkcs8 -topk8 -in client.key -out locked.key -passout pass:x
	chmod 600 ./*.key
) >"$T/openssl.log" 2>&1 || flunk 'certificates' "$T/openssl.log"

python3 "$ROOT/tests/e2e/login/login.py" "$T/scene/peers" "$T/tls" || harness_failed=1
if [ -x /usr/lib/dovecot/submission-login ]; then
	python3 "$ROOT/tests/e2e/login/dovecot.py" "$T/scene/dovecot" "$T/tls" || harness_failed=1
else
	skip dovecot 'no dovecot-submissiond here'
fi
