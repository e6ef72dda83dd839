"""A server that takes any login and keeps all that it heard, in clear text and under TLS. It can be
wrong in what it does around TLS, or repeat secrets in what it says."""
import select
import socket
import ssl
import threading

EHLO = b"250-relay.example\r\n250-AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER\r\n"
TAIL = b"250 8BITMIME\r\n"
READY = b"220 2.0.0 Ready to start TLS\r\n"
SECONDS = 20
SOON = 0.02
# What somebody in the middle puts behind the 220, before TLS: answers to what comes next.
INJECTED = {
    "inject-ehlo": b"250-relay.example\r\n250 AUTH PLAIN\r\n",
    "inject-all": b"250-relay.example\r\n250 AUTH PLAIN\r\n235 2.7.0 Welcome\r\n250 relay.example\r\n",
    "inject-part": b"250-relay.exam",
    "inject-line": b"220 2.0.0 Once more\r\n",
    "inject-multi": b"",  # READY itself is several lines
}


class Server:
    """how is "good", "no-starttls", "starttls-454", "starttls-500", "starttls-clear" (says yes, goes
    on in clear text), "starttls-end" (says yes and hangs up), "clear" (no TLS where there should
    be), one of INJECTED. tls is "starttls", "implicit" or "none"; context says what it does in TLS.

    says maps a place to the reply there, instead of its own: "AUTH" (which then is no login when it
    is not 235), "MAIL", "RCPT", "DATA", "END", "QUIT"; None: no reply ever. With 421 it hangs up.
    A fragile one, in clear text only, offers PIPELINING and dies, with the message taken, where
    the next command is there before its answer to the end of the data."""

    def __init__(self, how, tls, context=None, says=None, fragile=False):
        self.how, self.tls, self.context, self.says = how, tls, context, says or {}
        self.fragile = fragile
        self.heard = {"clear": b"", "tls": b""}
        self.mails, self.replies = 0, []
        self.stalled = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        client.settimeout(SECONDS)
        try:
            if self.tls == "implicit" and self.how != "clear":
                client = self.context.wrap_socket(client, server_side=True)
                self.talk(client, "tls")
            else:
                self.talk(client, "clear")
        except (OSError, EOFError):
            pass
        finally:
            client.close()

    def said(self, text):
        return text in self.replies

    def line(self, client, where):
        line = b""
        while not line.endswith(b"\n"):
            byte = client.recv(1)
            if not byte:
                raise EOFError
            line += byte
            self.heard[where] += byte
        return line

    def talk(self, client, where):
        client.sendall(b"220 relay.example ESMTP\r\n")
        while True:
            line = self.line(client, where)
            verb = line.rstrip()[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                offer = b""
                if where == "clear" and self.how != "no-starttls" and self.tls != "none":
                    offer = b"250-STARTTLS\r\n"
                offer += b"250-PIPELINING\r\n" if self.fragile else b""
                client.sendall(EHLO + offer + TAIL)
            elif verb == b"STAR" and where == "clear":
                secure = self.start_tls(client)
                if secure is not None:
                    self.after(secure)
                    return
            elif verb == b"AUTH":
                self.login(client, where, line)
            elif verb == b"DATA":
                self.content(client, where)
            elif verb == b"QUIT":
                self.reply(client, "QUIT", b"221 2.0.0 Bye\r\n")
                return
            else:
                self.reply(client, verb.decode("latin-1"), b"250 2.0.0 Ok\r\n")

    def reply(self, client, place, usual):
        text = self.says.get(place, usual)
        if text is None:
            self.stalled.set()
            threading.Event().wait(SECONDS)
            raise EOFError
        self.replies.append(text)
        client.sendall(text)
        if text.startswith(b"421"):
            raise EOFError

    def after(self, client):
        """As talk(), but a server does not greet again after STARTTLS."""
        class Silent:
            greeted = False

            def sendall(self, data):
                if not self.greeted:
                    self.greeted = True
                    return
                client.sendall(data)

            def recv(self, n):
                return client.recv(n)
        self.talk(Silent(), "tls")

    def start_tls(self, client):
        """The line under TLS, or None where it goes on as before."""
        if self.how == "starttls-454":
            client.sendall(b"454 4.7.0 TLS not available due to a temporary reason\r\n")
        elif self.how == "starttls-500":
            client.sendall(b"500 5.5.1 Command unrecognized\r\n")
        elif self.how == "starttls-clear":
            client.sendall(READY)
            client.recv(65536)  # what would begin TLS
            client.sendall(EHLO + TAIL)
        elif self.how == "starttls-end":
            client.sendall(READY)
            raise EOFError
        else:
            ready = READY if self.how != "inject-multi" else b"220-2.0.0 Ready\r\n" + READY
            client.sendall(ready + INJECTED.get(self.how, b""))
            return self.context.wrap_socket(client, server_side=True)
        return None

    def login(self, client, where, line):
        words = line.split()
        if words[1:2] == [b"LOGIN"]:
            rounds = (b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n")[len(words) > 2:]
        elif words[1:2] == [b"CRAM-MD5"]:
            rounds = (b"334 PDEyM0ByZWxheS5leGFtcGxlPg==\r\n",)
        else:
            rounds = (b"334 \r\n",) if len(words) < 3 else ()
        for challenge in rounds:
            client.sendall(challenge)
            self.line(client, where)
        self.reply(client, "AUTH", b"235 2.7.0 Welcome\r\n")

    def content(self, client, where):
        reply = self.says.get("DATA", b"354 Go on\r\n")
        self.replies.append(reply)
        client.sendall(reply)
        if not reply.startswith(b"354"):
            return
        while self.line(client, where) != b".\r\n":
            pass
        self.mails += 1
        if self.fragile and select.select([client], [], [], SOON)[0]:
            raise EOFError
        self.reply(client, "END", b"250 2.0.0 Taken\r\n")


def context(cert=None, lowest=None, highest=None, ciphers=None):
    """How a server does TLS: cert is a file with certificate and key."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers or lowest:
        made.set_ciphers(f"{ciphers or 'ALL'}:@SECLEVEL=0")
    if lowest:
        made.minimum_version = lowest
    if highest:
        made.maximum_version = highest
    if cert:
        made.load_cert_chain(cert)
    return made
