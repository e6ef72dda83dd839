"""The next hop: an SMTP server that says what it is told to, for others to report about.

A rule is found by a local part, without digits at its end: of the recipient ("rcpt", and "end"
after the data), or by what follows the + in the sender's ("mail"). RULES maps it to (place,
reply); the reply is one text, its lines separated by \\n, with {address} for the recipient's.
Without a rule all is taken.
"""
import re
import socketserver
import threading
from collections import Counter

PATH = re.compile(rb"(?:MAIL FROM|RCPT TO):<([^>]*)>", re.I)
EXTENSIONS = ("8BITMIME", "ENHANCEDSTATUSCODES", "PIPELINING")


def local_part(address):
    return address.rpartition("@")[0]


def rule_name(local):
    return local.rstrip("0123456789")


class Session(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def say(self, text):
        """Each line with the code of the last, as RFC 5321 4.2.1 has it: 550-… 550 …"""
        lines = text.split("\n")
        for line in lines[:-1]:
            self.wfile.write((line[:3] + "-" + line[4:]).encode() + b"\r\n")
        self.wfile.write(lines[-1].encode() + b"\r\n")

    def judged(self, place, name, address=""):
        """True when the answer was a rule's."""
        name = rule_name(name)
        where, text = self.server.rules.get(name, (None, ""))
        if where != place:
            return False
        self.server.struck[name] += 1
        self.say(text.format(address=address))
        return True

    def handle(self):
        if self.server.greeting:
            self.say(self.server.greeting)
            return
        self.say(f"220 {self.server.name} ESMTP")
        self.sender, self.rcpts = "", []
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say("221 2.0.0 Bye")
                return
            getattr(self, verb.decode("ascii", "replace").strip().lower(), self.strange)(line)

    def strange(self, line):
        self.say("500 5.5.2 What?")

    def ehlo(self, line):
        self.say("\n".join(f"250 {word}" for word in (self.server.name, *self.server.offers)))

    def helo(self, line):
        self.say(f"250 {self.server.name}")

    def mail(self, line):
        self.sender, self.rcpts = PATH.match(line).group(1).decode(), []
        if not self.judged("mail", local_part(self.sender).partition("+")[2]):
            self.say("250 2.1.0 Ok")

    def rcpt(self, line):
        address = PATH.match(line).group(1).decode()
        if not self.judged("rcpt", local_part(address), address):
            self.rcpts.append(address)
            self.say("250 2.1.5 Ok")

    def data(self, line):
        if not self.rcpts:
            self.say("554 5.5.1 No valid recipients")
            return
        self.say("354 Go on")
        lines = []
        while (text := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(text[1:] if text.startswith(b".") else text)
        if not any(self.judged("end", local_part(rcpt), rcpt) for rcpt in self.rcpts[:1]):
            self.server.taken.append((self.sender, self.rcpts, b"".join(lines)))
            self.say("250 2.0.0 Ok, taken")

    def rset(self, line):
        self.sender, self.rcpts = "", []
        self.say("250 2.0.0 Ok")

    def noop(self, line):
        self.say("250 2.0.0 Ok")


class Hop(socketserver.ThreadingTCPServer):
    """Listens on ADDRESS:25 as mx.NAME until the program ends; `taken` has (sender,
    recipients, message) of all that it took, `struck` how often a rule was the answer."""

    allow_reuse_address = daemon_threads = True
    request_queue_size = 200

    def __init__(self, name, address, rules, offers=(), greeting=""):
        super().__init__((address, 25), Session)
        self.name, self.rules, self.greeting = "mx." + name, rules, greeting
        self.offers = (*EXTENSIONS, *offers)
        self.taken, self.struck = [], Counter()
        threading.Thread(target=self.serve_forever, daemon=True).start()
