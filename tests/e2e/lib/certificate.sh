# For scripts that have tests/cli/lib.sh: makes server.pem (key and certificate for 127.0.0.1)
# and ca.pem (whom to trust) in the present folder.
# shellcheck shell=sh
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
	-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out ca.pem \
	2>"$T/err" || skip_all 'openssl makes no certificate'
cat key.pem ca.pem >server.pem
