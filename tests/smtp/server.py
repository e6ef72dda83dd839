"""A server for net-aiosmtpd.sh, on a free port of the loopback.

    server.py MODE LOG [CERT KEY]

MODE: plain, starttls, implicit (aiosmtpd; with AUTH where USER is set), or one
that must be refused: stripped (offers AUTH but no STARTTLS), silent (never
speaks), inject (says more than 220 before the handshake), no-auth (TLS without AUTH), busy (421), refused-later (454 to AUTH).
Prints its port. LOG gets a line per login and per message, or, for the servers
that must be refused, every byte that a client sent."""
import asyncio
import hashlib
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

MODE, LOG = sys.argv[1:3]
USER, PASSWORD = b"ana@lists.example", b"S3cret-canary"


def log(text):
    with open(LOG, "a", encoding="utf-8") as out:
        out.write(text + "\n")


class Handler:
    async def handle_DATA(self, server, session, envelope):
        digest = hashlib.sha256(envelope.original_content).hexdigest()
        log(f"message {envelope.mail_from} {','.join(envelope.rcpt_tos)} {digest}")
        return "250 2.0.0 queued"


def authenticate(server, session, envelope, mechanism, data):
    log(f"login {mechanism}")
    good = (data.login, data.password) == (USER, PASSWORD)
    if MODE == "refused-later":
        return AuthResult(success=False, handled=False, message="454 4.7.0 try later")
    return AuthResult(success=good, handled=False)


async def recorder(reader, writer):
    """Speaks just enough SMTP to tempt a client, and writes down what it says."""
    if MODE == "busy":
        writer.write(b"421 4.3.2 too many connections\r\n")
    elif MODE in ("stripped", "inject"):
        writer.write(b"220 mx\r\n")
    while line := await reader.readline():
        log("bytes " + line.hex())
        if MODE == "inject":
            tempt = b"220 go\r\n250-mx\r\n250 AUTH PLAIN\r\n235 welcome\r\n"
            starttls = line[:8].upper() == b"STARTTLS"
            writer.write(tempt if starttls else b"250-mx\r\n250 STARTTLS\r\n")
        elif line[:4].upper() == b"EHLO":
            writer.write(b"250-mx\r\n250 AUTH PLAIN LOGIN\r\n")
        elif MODE == "stripped":
            writer.write(b"235 welcome\r\n" if line[:4].upper() == b"AUTH" else b"500 no\r\n")
    writer.close()


def tls_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if os.environ.get("OLD_TLS"):
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(*sys.argv[3:5])
    return context


def smtp(context):
    login = MODE not in ("plain", "no-auth") or os.environ.get("PLAIN_AUTH")
    return SMTP(
        Handler(),
        hostname="mx.example",
        authenticator=authenticate if login else None,
        auth_required=bool(login),
        auth_require_tls=MODE not in ("implicit", "plain"),
        auth_exclude_mechanism=["PLAIN", "LOGIN"] if MODE == "no-auth" else None,
        require_starttls=MODE in ("starttls", "no-auth", "refused-later"),
        tls_context=context if MODE not in ("plain", "implicit") else None,
    )


async def main():
    loop = asyncio.get_running_loop()
    if MODE in ("stripped", "silent", "busy", "inject"):
        server = await asyncio.start_server(recorder, "127.0.0.1", 0)
    else:
        context = tls_context() if len(sys.argv) > 3 else None
        server = await loop.create_server(
            lambda: smtp(context), "127.0.0.1", 0, ssl=context if MODE == "implicit" else None
        )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
