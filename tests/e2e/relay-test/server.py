"""Small SMTP servers on free ports of the loopback, each with one peculiarity, in threads."""
import base64
import socket
import ssl
import threading
import time

SECRET = "S3cret-canary"
# How it may look on the wire: bare, and inside the base64 of AUTH PLAIN and LOGIN.
CANARIES = (SECRET.encode(), base64.b64encode(SECRET.encode())[:-2],
            base64.b64encode(b"\0ana\0" + SECRET.encode())[:-2])
EHLO = ("PIPELINING", "SIZE 10485760", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")


class Server:
    """tls: "", "starttls", "implicit". said: replies by the first word of a command; None
    closes the connection. `heard` is every line that came, `bytes` all of them."""

    def __init__(self, folder, tls="", cert="good", ehlo=EHLO, auth="PLAIN LOGIN", old=False,
                 greeting="220 relay.example ESMTP", delay=0, wants_cert=False, **said):
        self.tls, self.ehlo, self.auth, self.greeting = tls, ehlo, auth, greeting
        self.said, self.delay, self.heard, self.bytes = said, delay, [], b""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(folder / f"{cert}.pem", folder / f"{cert}.key")
        if wants_cert:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(folder / "ca.pem")
        if old:
            self.context.set_ciphers("DEFAULT:@SECLEVEL=0")
            self.context.minimum_version = ssl.TLSVersion.TLSv1
            self.context.maximum_version = ssl.TLSVersion.TLSv1_1
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls == "implicit":
                connection = self.encrypt(connection)
            self.talk(connection)
        except (OSError, ValueError):
            pass
        finally:
            connection.close()

    def encrypt(self, connection):
        """Closing with bytes unread would take the alert back from the client."""
        secret = self.context.wrap_socket(connection, server_side=True,
                                          do_handshake_on_connect=False)
        try:
            secret.do_handshake()
        except ssl.SSLError:
            socket.socket.shutdown(secret, socket.SHUT_WR)
            while socket.socket.recv(secret, 4096):
                pass
            raise
        return secret

    def say(self, connection, text):
        time.sleep(self.delay)
        connection.sendall(text.encode(errors="surrogateescape") + b"\r\n")

    def talk(self, connection):
        encrypted = self.tls == "implicit"
        if self.greeting is None:
            return
        if self.greeting == "":
            connection.recv(1)  # until the client gives up
            return
        self.say(connection, self.greeting)
        if not self.greeting.startswith("220"):
            return
        lines = connection.makefile("rb")
        while line := lines.readline():
            self.bytes += line
            self.heard.append(line.decode("latin-1").strip())
            word = line.split()[0].decode("latin-1").upper() if line.split() else ""
            if word == "STARTTLS" and self.tls == "starttls" and word not in self.said:
                self.say(connection, "220 go")
                connection = self.encrypt(connection)
                lines, encrypted = connection.makefile("rb"), True
                continue
            reply = self.reply(word, encrypted)
            if reply is None:
                return
            self.say(connection, reply)
            if word == "QUIT" or reply.startswith("421"):
                return

    def reply(self, word, encrypted):
        if word in self.said:
            return self.said[word]
        if word == "EHLO":
            more = list(self.ehlo)
            if self.auth and (encrypted or not self.tls):
                more.append(f"AUTH {self.auth}")
            if self.tls == "starttls" and not encrypted:
                more.append("STARTTLS")
            names = ["relay.example", *more]
            return "\r\n".join(f"250{'-' if i < len(names) - 1 else ' '}{name}"
                               for i, name in enumerate(names))
        return {"AUTH": "235 2.7.0 welcome", "QUIT": "221 bye"}.get(word, "250 2.0.0 ok")

    def leaked(self):
        return any(canary in self.bytes for canary in CANARIES)


class Deaf:
    """A port where no connection comes about: its queue is full and nobody takes from it."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.full = []
        for _ in range(3):
            waiting = socket.socket()
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", self.port))
            self.full.append(waiting)


def closed_port():
    """Nobody listens there."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
