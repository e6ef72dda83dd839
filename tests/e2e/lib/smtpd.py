"""An SMTP server for tests: it keeps what it takes, and breaks off where it is told to.

smtpd.py FOLDER [--fault KIND@N]… [--no-pipelining] [--no-utf8] [--chunking] [--size N]
         [--starttls PEM] [--brief] [--port N]

It ends with its stdin. FOLDER/port holds the port once it listens. FOLDER/accepted.ndjson has a line for each
message taken, flushed before its 250 leaves: what the relay has, whatever becomes of the
client. FOLDER/strange.ndjson has a line for each command or byte no client of ours sends.
FOLDER/sessions.ndjson has a line for each connection that is over, with its messages: "go"
and "reply" are bytes of ours up to the end of the 354 (or to where BDAT came) and of the last
answer, "data" and "end" bytes of theirs up to the end of DATA (to where BDAT begins) and of the
content; hello_in and hello_out the same for the last EHLO and its answer. Of the clear text,
from where it began. With --brief the contents of messages are not kept.

RCPT is answered by the local part: gone* 550 5.1.1, later* 451 4.3.0, full* 452 4.2.2,
busy* 451 4.3.2 "slow down". --slow DOMAIN@MS: a message to that domain is answered so much later.
--fault KIND@N strikes at the Nth of its kind, counted over all connections:
  mail-421 rcpt-421 data-421 end-421   that reply, and the connection ends
  mail-550 mail-451 rcpt-452 data-554 end-554   that reply, and it goes on
  mail-cut data-cut content-cut        the connection is cut: at MAIL, DATA, in the content,
  end-cut                              after the final dot, which was taken, without a reply
N may be "*": each time. With --chunking "data" is BDAT, once its content has come.
"""
import argparse
import asyncio
import contextlib
import json
import pathlib
import re
import socket
import ssl
import sys

VERDICTS = (("gone", "550 5.1.1 No such mailbox here"),
            ("later", "451 4.3.0 Come back later"),
            ("full", "452 4.2.2 Mailbox full"),
            ("busy", "451 4.3.2 Too busy, slow down"))
REPLIES = {"421": "421 4.3.2 Shutting down for a moment", "452": "452 4.5.3 Too many recipients",
           "550": "550 5.7.1 Sender refused", "451": "451 4.7.1 Try again later",
           "554": "554 5.6.0 Message refused"}
XTEXT = rb"(?:[!-*,-<>-~]|\+[0-9A-F]{2})"  # RFC 3461 section 4
UNITEXT = rb"(?:[!-*,-<>-\[\]-~\x80-\xff]|\\x\{[0-9A-F]{2}\})"  # RFC 6533 section 3
RCPT = re.compile(rb"RCPT TO:<([^<>\s\x00-\x1f]*)>(?: NOTIFY=[A-Z,]+)?"
                  rb"(?: ORCPT=(?:rfc822;(%b+)|utf-8;(%b+)))?" % (XTEXT, UNITEXT))
MAIL = re.compile(rb"MAIL FROM:<([^<>\s\x00-\x1f]*)>((?: [A-Z0-9=;.-]+)*)", re.I)
END = b"\r\n.\r\n"
LIMIT = 1 << 25
LINGER = 10  # seconds for the other side to end it too


def unescaped(text):
    return re.sub(rb"\+(..)|\\x\{(..)\}",
                  lambda m: bytes.fromhex((m.group(1) or m.group(2)).decode()), text)


class Cut(Exception):
    """The connection ends here."""


def verdict(address):
    for start, reply in VERDICTS:
        if address.startswith(start):
            return reply
    return None


class Server:
    def __init__(self, options):
        self.options = options
        self.accepted = (options.folder / "accepted.ndjson").open("a", encoding="utf-8")
        self.strange = (options.folder / "strange.ndjson").open("a", encoding="utf-8")
        self.ended = (options.folder / "sessions.ndjson").open("a", encoding="utf-8")
        self.sessions = self.messages = 0
        self.seen = {}
        if options.starttls:
            self.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            self.tls.load_cert_chain(options.starttls)

    def fault(self, place):
        """What is to happen at this place now: "421", "cut", … or None."""
        for kind, at in self.options.fault:
            where, what = kind.split("-")
            if where != place:
                continue
            if (at, kind) not in self.seen:
                self.seen[at, kind] = 0
            self.seen[at, kind] += 1
            if at == "*" or self.seen[at, kind] == int(at):
                return what
        return None

    async def patience(self, rcpts):
        for domain, ms in self.options.slow:
            if any(r.lower().endswith(b"@" + domain.encode()) for r in rcpts):
                await asyncio.sleep(int(ms) / 1000)

    def note(self, file, **facts):
        file.write(json.dumps(facts) + "\n")
        file.flush()

    def take(self, session, content):
        self.messages += 1
        name = re.search(rb"^Message-ID:\s*(\S+)", content, re.I | re.M)
        if re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", content):
            self.note(self.strange, session=session.number, content=content.decode("latin-1"))
        self.note(self.accepted, session=session.number,
                  sender=session.sender.decode("utf-8", "replace"),
                  rcpts=[r.decode("utf-8", "replace") for r in session.rcpts],
                  id=name.group(1).decode() if name else "", envid=session.envid,
                  data="" if self.options.brief else content.decode("latin-1"))
        return f"250 2.0.0 Taken as {self.messages:08}"

    async def talk(self, reader, writer):
        self.sessions += 1
        session = Session(self, self.sessions, reader, writer)
        try:
            await session.run()
        except (Cut, ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        self.note(self.ended, session=session.number, messages=session.messages,
                  hello_in=session.hello_in, hello_out=session.hello_out)
        if session.cut:
            writer.transport.abort()
            return
        # With bytes unread, close() would be a reset, which drops replies on their way.
        with contextlib.suppress(OSError, TimeoutError):
            if writer.can_write_eof():
                writer.write_eof()
                await asyncio.wait_for(reader.read(), LINGER)
        writer.close()


class Session:
    def __init__(self, server, number, reader, writer):
        self.server, self.number, self.reader, self.writer = server, number, reader, writer
        self.sender, self.rcpts, self.envid, self.cut = None, [], "", False
        self.bytes_in = self.bytes_out = self.hello_in = self.hello_out = 0
        self.messages = []

    async def read(self, end):
        got = await self.reader.readuntil(end)
        self.bytes_in += len(got)
        return got

    def say(self, *lines):
        for i, line in enumerate(lines):
            if i < len(lines) - 1:
                line = line[:3] + "-" + line[4:]
            self.writer.write(line.encode() + b"\r\n")
            self.bytes_out += len(line.encode()) + 2

    async def stumble(self, place):
        """True when a fault was the answer."""
        what = self.server.fault(place)
        if what == "cut":
            self.cut = True
            raise Cut
        if what is None:
            return False
        self.say(REPLIES[what])
        if what == "421":
            await self.writer.drain()
            raise Cut
        return True

    async def run(self):
        self.say("220 relay.example ESMTP")
        while True:
            line = await self.read(b"\n")
            verb = line[:4].upper()
            action = {b"EHLO": self.ehlo, b"HELO": self.ehlo, b"MAIL": self.mail,
                      b"RCPT": self.rcpt, b"DATA": self.data, b"BDAT": self.bdat, b"RSET": self.rset,
                      b"NOOP": self.noop, b"QUIT": self.quit, b"STAR": self.starttls}.get(verb)
            if action is None or not line.endswith(b"\r\n") or re.search(rb"[\x00-\x1f]", line[:-2]):
                self.server.note(self.server.strange, session=self.number,
                                 command=line.decode("latin-1"))
                self.say("500 5.5.2 What?")
                continue
            await action(line[:-2])
            await self.writer.drain()

    async def ehlo(self, line):
        lines = ["250 relay.example", f"250 SIZE {self.server.options.size}",
                 "250 8BITMIME", "250 ENHANCEDSTATUSCODES", "250 DSN"]
        if not self.server.options.no_utf8:
            lines.append("250 SMTPUTF8")
        if not self.server.options.no_pipelining:
            lines.append("250 PIPELINING")
        if self.server.options.chunking:
            lines.append("250 CHUNKING")
        if self.server.options.starttls and not self.writer.get_extra_info("ssl_object"):
            lines.append("250 STARTTLS")
        self.say(*lines)
        self.hello_in, self.hello_out = self.bytes_in, self.bytes_out

    async def starttls(self, line):
        if not self.server.options.starttls or self.writer.get_extra_info("ssl_object"):
            self.say("502 5.5.1 Not here")
            return
        self.say("220 2.0.0 Go on")
        await self.writer.drain()
        await self.writer.start_tls(self.server.tls)
        self.bytes_in = self.bytes_out = 0

    async def mail(self, line):
        if await self.stumble("mail"):
            return
        m = MAIL.fullmatch(line)
        if m is None or self.sender is not None:
            self.server.note(self.server.strange, session=self.number,
                             command=line.decode("latin-1"))
            self.say("501 5.5.4 What?")
            return
        self.sender, self.rcpts = m.group(1), []
        envid = re.search(rb" ENVID=(\S+)", line)
        self.envid = envid.group(1).decode() if envid else ""
        self.say("250 2.1.0 Ok")

    async def rcpt(self, line):
        if self.sender is None:
            self.say("503 5.5.1 MAIL first")
            return
        if await self.stumble("rcpt"):
            return
        m = RCPT.fullmatch(line)
        original = m and (m.group(2) or m.group(3))
        if m is None or (original and unescaped(original) != m.group(1)):
            self.server.note(self.server.strange, session=self.number,
                             command=line.decode("latin-1"))
            self.say("501 5.5.4 What?")
            return
        no = verdict(m.group(1).decode("utf-8", "replace"))
        if no is None:
            self.rcpts.append(m.group(1))
        self.say(no or "250 2.1.5 Ok")

    async def data(self, line):
        if not self.rcpts:
            self.say("503 5.5.1 No valid recipients")
            return
        if await self.stumble("data"):
            return
        self.say("354 Go on")
        message = self.begin(0)
        await self.writer.drain()
        if self.server.fault("content") == "cut":
            await self.reader.readexactly(64)
            self.cut = True
            raise Cut
        content = (await self.read(END))[:-3]
        message["end"] = self.bytes_in
        await self.end(message, re.sub(rb"(?m)^\.", b"", content))

    def begin(self, command):
        """A content comes: where it does, without the command that says so."""
        message = {"rcpts": [r.decode("utf-8", "replace") for r in self.rcpts],
                   "data": self.bytes_in - command, "go": self.bytes_out}
        self.messages.append(message)
        return message

    async def bdat(self, line):
        m = re.fullmatch(rb"BDAT (\d+) LAST", line, re.I)
        if m is None:
            self.server.note(self.server.strange, session=self.number,
                             command=line.decode("latin-1"))
            self.say("501 5.5.4 What?")
            raise Cut
        if self.server.fault("content") == "cut":
            await self.reader.readexactly(int(m.group(1)) // 2)
            self.cut = True
            raise Cut
        message = self.begin(len(line) + 2)
        content = await self.reader.readexactly(int(m.group(1)))
        self.bytes_in += len(content)
        message["end"] = self.bytes_in
        if not self.rcpts:
            self.say("503 5.5.1 No valid recipients")
        elif not await self.stumble("data"):
            await self.end(message, content)

    async def end(self, message, content):
        what = self.server.fault("end")
        if what in (None, "cut"):
            taken = self.server.take(self, content)
        await self.server.patience(self.rcpts)
        if what is None:
            self.say(taken)
            message["reply"] = self.bytes_out
        elif what == "cut":
            self.cut = True
            raise Cut
        else:
            self.say(REPLIES[what])
            if what == "421":
                await self.writer.drain()
                raise Cut
        self.sender, self.rcpts = None, []

    async def rset(self, line):
        self.sender, self.rcpts = None, []
        self.say("250 2.0.0 Ok")

    async def noop(self, line):
        self.say("250 2.0.0 Ok")

    async def quit(self, line):
        self.say("221 2.0.0 Bye")
        await self.writer.drain()
        raise Cut


async def main():
    def fault(text):
        kind, _, at = text.partition("@")
        return kind, at or "1"

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--fault", action="append", default=[], type=fault)
    parser.add_argument("--slow", action="append", default=[], type=lambda s: s.split("@"))
    parser.add_argument("--no-pipelining", action="store_true")
    parser.add_argument("--no-utf8", action="store_true")
    parser.add_argument("--chunking", action="store_true")
    parser.add_argument("--size", type=int, default=LIMIT)
    parser.add_argument("--starttls", type=pathlib.Path)
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    # With the protocol named, asyncio sets TCP_NODELAY: else each reply may wait 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if any(kind == "content-cut" for kind, _ in options.fault):
        # A small window: a long message cannot be under way as a whole when it is cut.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", options.port))
    server = await asyncio.start_server(Server(options).talk, sock=listener, limit=LIMIT)
    port = server.sockets[0].getsockname()[1]
    fresh = options.folder / "port.new"
    fresh.write_text(str(port))
    fresh.rename(options.folder / "port")
    # Whoever started it holds the other end of stdin: when they are gone, so is it.
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), sys.exit)
    async with server:
        await server.serve_forever()


asyncio.run(main())
