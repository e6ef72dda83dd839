"""aiosmtpd, in a process of its own: `aio.py SETTINGS.json` is the server."""
import asyncio
import base64
import json
import pathlib
import ssl
import subprocess
import sys

REFUSALS = (("gone", "550 5.1.1 No such mailbox here"), ("later", "451 4.3.0 Come back later"))
SIZE = 10485760


def serve(settings):
    from aiosmtpd.smtp import SMTP, AuthResult

    folder = pathlib.Path(settings["folder"])

    def keep(name, thing):
        with (folder / name).open("a", encoding="utf-8") as out:
            out.write(json.dumps(thing) + "\n")

    def text(word):
        return word.decode() if isinstance(word, bytes) else word

    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            for start, reply in REFUSALS:
                if address.startswith(start):
                    return reply
            envelope.rcpt_tos.append(address)
            return "250 2.1.5 Ok"

        async def handle_DATA(self, server, session, envelope):
            keep("taken.ndjson", {"sender": envelope.mail_from, "rcpts": envelope.rcpt_tos,
                                  "data": base64.b64encode(envelope.original_content).decode()})
            return "250 2.6.0 Taken"

    def authenticate(server, session, envelope, mechanism, data):
        if (text(data.login), text(data.password)) != (settings["user"], settings["password"]):
            return AuthResult(success=False, handled=False)
        keep("logins.ndjson", mechanism.lower())
        return AuthResult(success=True)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["cert"], settings["key"])

    def factory(tls):
        # What came by implicit TLS it takes for clear text.
        return lambda: SMTP(Handler(), auth_require_tls=tls is not None,
                            data_size_limit=SIZE, enable_SMTPUTF8=True, hostname="relay.example",
                            ident="ESMTP", tls_context=tls, authenticator=authenticate)

    async def run():
        loop = asyncio.get_running_loop()
        await loop.create_server(factory(context), "127.0.0.1", settings["ports"]["starttls"])
        await loop.create_server(factory(None), "127.0.0.1", settings["ports"]["implicit"],
                                 ssl=context)
        await asyncio.Event().wait()

    asyncio.run(run())


if __name__ == "__main__":
    serve(json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.exit()

from peer import PASSWORD, USER, Lines  # noqa: E402  only the tests need it


class Aiosmtpd(Lines):
    NAME = "aiosmtpd"
    KINDS = ("plain", "login")

    @classmethod
    def missing(cls):
        done = subprocess.run([sys.executable, "-c", "import aiosmtpd"], capture_output=True,
                              check=False)
        return None if done.returncode == 0 else "no aiosmtpd here"

    def prepare(self):
        settings = self.write("settings.json", json.dumps({
            "folder": str(self.folder), "ports": self.ports, "cert": str(self.cert),
            "key": str(self.key), "user": USER, "password": PASSWORD}))
        return [sys.executable, __file__, settings]
