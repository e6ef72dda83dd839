# timeout: 120
# Servers that are wrong around TLS: no STARTTLS, answers injected before the handshake, expired,
# strange and foreign certificates, old versions, no encryption. A recorder looks for passwords.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
python3 "$ROOT/tests/e2e/badtls/badtls.py" "$T/scene/b" || harness_failed=1
