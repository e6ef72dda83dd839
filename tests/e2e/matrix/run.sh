# timeout: 240
# Seven mail servers on the loopback, each with a certificate of a throw-away authority: Postfix,
# Exim, OpenSMTPD, Haraka, aiosmtpd, smtp-server and Dovecot's submission. Logins of every kind
# that they offer over STARTTLS and implicit TLS (LONG: all; else each server's strongest), what
# else they offer, what they refuse. `run.sh exim haraka` plays those only.
. "$ROOT/tests/cli/lib.sh"
need python3 openssl
chmod 711 "$T" # the servers have users of their own
python3 "$ROOT/tests/e2e/matrix/matrix.py" "$T/scene/m" "$@" || harness_failed=1
