"""Servers that lie, cut off, or let somebody in between: nothing is lost, nothing is believed,
no password leaves in clear text."""
import socket
import threading
import time

from bench import check, equal


class Server:
    """Plays one scene on a port: a function of the connection."""

    def __init__(self, scene, context=None):
        self.scene, self.context = scene, context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.heard = []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(connection,), daemon=True).start()

    def one(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            self.scene(Talk(connection, self.heard))
        except (OSError, EOFError):
            pass
        finally:
            connection.close()

    def close(self):
        self.listener.close()


class Talk:
    def __init__(self, connection, heard):
        self.connection, self.heard, self.rest = connection, heard, b""

    def say(self, *lines):
        self.connection.sendall("".join(line + "\r\n" for line in lines).encode())

    def hear(self):
        """The next command: its tag, and the rest."""
        while b"\n" not in self.rest:
            more = self.connection.recv(4096)
            if not more:
                raise EOFError
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        text = line.decode(errors="replace").strip()
        self.heard.append(text)
        tag, _, command = text.partition(" ")
        return tag, command


def imap(folder=None, fetch=None, capability="IMAP4rev1 AUTH=PLAIN SASL-IR UIDPLUS MOVE",
         login=None):
    """A server with the usual answers; `folder` are the lines of SELECT, fetch(talk, tag, command)
    answers all that begins with FETCH or UID."""
    def scene(talk):
        talk.say("* OK hello")
        while True:
            tag, command = talk.hear()
            word = command.split(" ")[0].upper()
            if word == "CAPABILITY":
                talk.say(f"* CAPABILITY {capability}", f"{tag} OK")
            elif word in ("AUTHENTICATE", "LOGIN") and login:
                login(talk, tag, command)
            elif word in ("SELECT", "EXAMINE"):
                talk.say(*(folder or ["* 0 EXISTS", "* OK [UIDVALIDITY 1]"]), f"{tag} OK")
            elif word in ("FETCH", "UID") and fetch:
                fetch(talk, tag, command)
            elif word == "LOGOUT":
                talk.say("* BYE", f"{tag} OK")
                return
            else:
                talk.say(f"{tag} OK")
    return scene


def stripped(talk):
    """STARTTLS taken out of the capabilities."""
    talk.say("* OK hello")
    while True:
        tag, _ = talk.hear()
        talk.say("* CAPABILITY IMAP4rev1 AUTH=PLAIN", f"{tag} OK")


def preauth(talk):
    """Logged in already, so that STARTTLS would not be allowed any more."""
    talk.say("* PREAUTH hello")
    while True:
        tag, _ = talk.hear()
        talk.say("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN", f"{tag} OK")


def injected(talk):
    """Words in the same packet as the yes to STARTTLS."""
    talk.say("* OK hello")
    while True:
        tag, command = talk.hear()
        if command.upper() == "STARTTLS":
            talk.say(f"{tag} OK begin", "* CAPABILITY IMAP4rev1 AUTH=PLAIN", "F1 OK")
        else:
            talk.say("* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN", f"{tag} OK")


def pop3_stripped(talk):
    talk.say("+OK hello")
    while True:
        tag, _ = talk.hear()
        if tag == "CAPA":
            talk.say("+OK", "USER", "UIDL", ".")
        else:
            talk.say("-ERR no")


FOLDER = ["* 3 EXISTS", "* OK [UIDVALIDITY 5] x", "* OK [UIDNEXT 10] x"]


def body(number, uid, text):
    return f"* {number} FETCH (UID {uid} BODY[] {{{len(text)}}}\r\n{text})"


def lists(uids, bodies=None, end="OK"):
    """Three messages: what is listed, and what comes of them."""
    def fetch(talk, tag, command):
        if command.startswith("FETCH"):
            talk.say(*(f"* {i + 1} FETCH (UID {uid} RFC822.SIZE 9)"
                       for i, uid in enumerate(uids)), f"{tag} OK")
        elif "BODY" in command:
            talk.say(*(bodies if bodies is not None else
                       [body(i + 1, uid, f"text {uid}") for i, uid in enumerate(uids)]),
                     f"{tag} {end}")
        elif command.startswith("UID FETCH"):
            uid = int(command.split(" ")[2])
            talk.say(*([f"* 1 FETCH (UID {uid})"] if uid in uids else []), f"{tag} OK")
        else:
            talk.say(f"{tag} OK")
    return fetch


def repeats_the_secret(talk, tag, command):
    talk.say(f"{tag} NO [AUTHENTICATIONFAILED] you said {command}")


def play(make_box, context, password):
    """make_box(name, port, protocol, tls): as of mailboxes.py."""
    def run(name, scene, code, *texts, secure=True, protocol="imap", had=0):
        server = Server(scene, context if secure else None)
        box = make_box(name, server.port, protocol, "implicit" if secure else "starttls")
        began = time.monotonic()
        done = box.run("Away")
        server.close()
        equal(f"{name}: exit code", done.returncode, code, box.said)
        for text in texts:
            check(f"{name}: {text}", text in box.said, box.said)
        equal(f"{name}: what was had", len(box.had()), had, box.said)
        check(f"{name}: at once", time.monotonic() - began < 30)
        check(f"{name}: the password is not shown", password not in box.said, box.said)
        if not secure:
            check(f"{name}: no password left in clear text",
                  not any("AUTH" in line.upper() or "LOGIN" in line.upper() or
                          "USER" in line.upper() for line in server.heard), server.heard)
        check(f"{name}: nothing is ever expunged as a whole",
              not any(line.split(" ", 1)[-1].upper() == "EXPUNGE" or "DELE " in line
                      for line in server.heard), server.heard)
        return server

    run("STARTTLS stripped", stripped, 69, "does not offer STARTTLS", secure=False)
    run("PREAUTH before STARTTLS", preauth, 69, "does not offer STARTTLS", secure=False)
    run("injected behind STARTTLS", injected, 69, "tampering with the line", secure=False)
    run("STLS stripped", pop3_stripped, 69, "does not offer STARTTLS", secure=False,
        protocol="pop3")
    run("BYE in the place of a greeting", lambda talk: talk.say("* BYE too many connections"), 75,
        "too many connections")
    run("the password comes back", imap(login=repeats_the_secret), 69,
        "refused the user name or the password")
    run("no login offered", imap(capability="IMAP4rev1 LOGINDISABLED"), 69,
        "no kind of login")
    run("cut while logging in", imap(login=lambda talk, tag, command: talk.connection.close()), 75,
        "broke")
    run("no UIDVALIDITY", imap(["* 3 EXISTS"]), 69, "UIDVALIDITY")
    run("all is well", imap(FOLDER, lists([2, 4, 9])), 0, had=3)
    run("two listed of three", imap(FOLDER, lists([2, 4])), 75, "does not list all of them")
    run("listed twice", imap(FOLDER, lists([2, 2, 4])), 75, "does not list all of them")
    run("one is gone when it is asked for", imap(FOLDER, lists(
        [2, 4, 9], [body(1, 2, "a"), body(3, 9, "b")])), 0, "passed over", had=2)
    run("one has no content", imap(FOLDER, lists(
        [2, 4, 9], [body(1, 2, "a"), "* 2 FETCH (UID 4 BODY[] NIL)", body(3, 9, "c")])), 0,
        "passed over", had=2)
    run("none comes", imap(FOLDER, lists([2, 4, 9], [], "NO broken")), 0, "it said: broken")
    run("one comes twice, and one that nobody asked for", imap(FOLDER, lists(
        [2, 4, 9], [body(1, 2, "a"), body(1, 2, "x"), body(7, 77, "y"), body(2, 4, "b"),
                    body(3, 9, "c")])), 0, had=3)
    run("cut in a message", imap(FOLDER, lambda talk, tag, command: (
        talk.say("* 1 FETCH (UID 2)", "* 2 FETCH (UID 4)", "* 3 FETCH (UID 9)", f"{tag} OK")
        if command.startswith("FETCH") else (
            talk.say("* 1 FETCH (UID 2 BODY[] {100}", "half"), talk.connection.close()))), 75,
        "broke")
    run("a literal without end", imap(FOLDER, lambda talk, tag, command: talk.say(
        "* 1 FETCH (UID 2 X {99999999}", "x")), 75, "longer than any that makes sense")
    run("not IMAP", lambda talk: (talk.say("* OK hi"), talk.hear(), talk.say("HTTP/1.1 400 no")), 75)
    run("as many as can be counted", imap(["* 4294967295 EXISTS", "* OK [UIDVALIDITY 5]"],
                                          lists([2, 4, 9])), 75, "does not list all of them")
