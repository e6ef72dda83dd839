"""Servers and proxies for login.py and dovecot.py, each on a free port of the loopback, with
a thread per connection. What a client sent is kept: .clear in the clear, .lines decrypted."""
import base64
import os
import select
import socket
import ssl
import threading

PASSWORD = "S3cret-canary"
TIMEOUT = 20


class Listener:
    """Accepts until it is closed; serve(socket) in a thread of its own."""

    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, 0))
        self.socket.listen(50)
        self.port = self.socket.getsockname()[1]
        self.peers = []
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def accept(self):
        while True:
            try:
                sock, peer = self.socket.accept()
            except OSError:
                return
            self.peers.append(peer[0])
            sock.settimeout(TIMEOUT)
            threading.Thread(target=self.guarded, args=(sock,), daemon=True).start()

    def guarded(self, sock):
        try:
            self.serve(sock)
        except (OSError, EOFError, ValueError):
            pass
        finally:
            sock.close()


class Server(Listener):
    """SMTP with AUTH PLAIN; answers AUTH with the next of `answers`, the last for ever; "cut"
    ends the connection.

    tls: starttls, implicit or none. context: how. inject: sent behind the 220 of STARTTLS, in
    the same packet, or after a moment where late is set. echo: repeats what it is told."""

    def __init__(self, context=None, tls="starttls", answers=("235 2.7.0 welcome",), inject=b"",
                 late=False, host="127.0.0.1", offers="PLAIN"):
        self.context, self.tls, self.answers = context, tls, list(answers)
        self.inject, self.late, self.offers = inject, late, offers
        self.clear, self.lines, self.messages = b"", [], 0
        self.lock = threading.Lock()
        super().__init__(host)

    def serve(self, sock):
        if self.tls == "implicit":
            sock = handshake(self.context, sock)
        sock.sendall(b"220 peer.example ESMTP\r\n")
        self.talk(sock, encrypted=self.tls == "implicit")

    def talk(self, sock, encrypted):
        file = sock.makefile("rb")
        while line := file.readline(65536):
            with self.lock:
                if encrypted:
                    self.lines.append(line.decode("latin-1").rstrip())
                else:
                    self.clear += line
            verb = line[:4].upper()
            if verb == b"STAR" and self.tls == "starttls":
                self.upgrade(sock)
                return
            self.answer(sock, file, verb, line, encrypted)

    def upgrade(self, sock):
        if self.late:
            sock.sendall(b"220 go\r\n")
            select.select([sock], [], [], 0.2)
            sock.sendall(self.inject)
        else:
            sock.sendall(b"220 go\r\n" + self.inject)
        self.talk(handshake(self.context, sock), True)

    def answer(self, sock, file, verb, line, encrypted):
        if verb == b"EHLO":
            offers = "AUTH " + self.offers if encrypted or self.tls == "none" else "STARTTLS"
            sock.sendall(f"250-peer.example\r\n250-PIPELINING\r\n250 {offers}\r\n".encode())
        elif verb == b"AUTH":
            with self.lock:
                answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == "cut":
                raise EOFError
            sock.sendall(answer.replace("%s", line.decode().strip()).encode() + b"\r\n")
        elif verb == b"DATA":
            sock.sendall(b"354 go\r\n")
            while (row := file.readline(65536)) not in (b".\r\n", b""):
                pass
            with self.lock:
                self.messages += 1
            sock.sendall(b"250 2.0.0 taken\r\n")
        elif verb == b"QUIT":
            sock.sendall(b"221 bye\r\n")
        else:
            sock.sendall(b"250 2.0.0 ok\r\n")

    def auths(self):
        return [line for line in self.lines if line.upper().startswith("AUTH")]


def handshake(context, sock):
    """The server's side of TLS. One that fails leaves the client the time to hear why: a
    close with bytes unread would be a reset, which takes the alert away."""
    tls = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
    try:
        tls.do_handshake()
    except ssl.SSLError:
        with socket.socket(fileno=os.dup(tls.fileno())) as raw:
            raw.shutdown(socket.SHUT_WR)
            while raw.recv(65536):
                pass
        raise
    return tls


def pump(a, b, keep=None):
    """Bytes both ways until one side ends; those of a are handed to keep."""
    while True:
        for sock in select.select([a, b], [], [], TIMEOUT)[0]:
            data = sock.recv(65536)
            if keep and sock is a:
                keep(data)
            if not data:
                return
            (b if sock is a else a).sendall(data)


class Recorder(Listener):
    """A wire to another port on which every byte of the client is written down."""

    def __init__(self, port):
        self.to, self.heard = port, b""
        super().__init__()

    def serve(self, sock):
        with socket.create_connection(("127.0.0.1", self.to)) as server:
            pump(sock, server, self.keep)

    def keep(self, data):
        self.heard += data

    def clear(self):
        """What went over it before TLS: up to the first ClientHello, of each connection."""
        return b"".join(part for part in self.heard.split(b"\x16\x03")[:1])


class Socks(Listener):
    """SOCKS5 (RFC 1928), with user name and password (RFC 1929) where a login is given."""

    def __init__(self, login=None):
        self.login, self.asked, self.logins = login, [], []
        super().__init__()

    def serve(self, sock):
        take = sock.makefile("rb", buffering=0).read
        methods = take(take(2)[1])
        wanted = 2 if self.login else 0
        if wanted not in methods:
            sock.sendall(b"\x05\xff")
            return
        sock.sendall(bytes([5, wanted]))
        if self.login:
            take(1)
            given = (take(take(1)[0]).decode(), take(take(1)[0]).decode())
            self.logins.append(given)
            sock.sendall(b"\x01\x00" if given == self.login else b"\x01\x01")
            if given != self.login:
                return
        kind = take(4)[3]
        if kind == 3:
            host = take(take(1)[0]).decode()
        else:
            host = socket.inet_ntop(*((socket.AF_INET, take(4)) if kind == 1
                                      else (socket.AF_INET6, take(16))))
        port = int.from_bytes(take(2), "big")
        self.asked.append((host, port))
        with socket.create_connection((host, port)) as server:
            sock.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
            pump(sock, server)


class Http(Listener):
    """CONNECT, with Proxy-Authorization where a login is given."""

    def __init__(self, login=None):
        self.login, self.asked, self.heads = login, [], []
        super().__init__()

    def serve(self, sock):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        self.heads.append(head)
        basic = base64.b64encode(":".join(self.login or ()).encode())
        if self.login and b"Proxy-Authorization: Basic " + basic not in head:
            sock.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\n"
                         b"Content-Length: 0\r\n\r\n")
            return
        host, port = head.split()[1].decode().rsplit(":", 1)
        self.asked.append((host.strip("[]"), int(port)))
        with socket.create_connection(self.asked[-1]) as server:
            sock.sendall(b"HTTP/1.1 200 Go\r\n\r\n")
            pump(sock, server)


def context(tls, want_client=False, old=False):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(tls / "server.pem", tls / "server.key")
    if want_client:
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(tls / "ca.pem")
    if old:
        made.maximum_version = ssl.TLSVersion.TLSv1_2
    return made


def spellings(secret):
    """The secret as it is, as base64 has it at each of three offsets, and in a URL."""
    found = [secret.encode(), "".join(f"%{b:02X}" for b in secret.encode()).encode()]
    for before in range(3):
        text = base64.b64encode(b"x" * before + secret.encode())
        skip = 0 if before == 0 else before + 1
        found.append(text[skip:(before + len(secret.encode())) * 8 // 6])
    return found


def leaks(data, secret=PASSWORD):
    return [form for form in spellings(secret) if form in data]
