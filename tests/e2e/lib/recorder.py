"""A listener that hands every byte on to a server, both ways, and remembers it: what really was
on the wire."""
import re
import selectors
import socket
import threading

CHUNK = 65536


class Recorder:
    """conversations has, for each connection, the list of (side, bytes) in the order in which they
    passed; side is "C" for the client, "S" for the server."""

    def __init__(self, port):
        self.to = port
        self.conversations = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            talk = []
            self.conversations.append(talk)
            threading.Thread(target=self.carry, args=(client, talk), daemon=True).start()

    def carry(self, client, talk):
        with client, socket.create_connection(("127.0.0.1", self.to)) as server, \
                selectors.DefaultSelector() as both:
            for side in (client, server):
                side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            both.register(client, selectors.EVENT_READ, ("C", server))
            both.register(server, selectors.EVENT_READ, ("S", client))
            while both.get_map():
                for key, _ in both.select():
                    name, other = key.data
                    try:
                        data = key.fileobj.recv(CHUNK)
                        if data:
                            talk.append((name, data))
                            other.sendall(data)
                            continue
                        other.shutdown(socket.SHUT_WR)
                    except OSError:
                        return
                    both.unregister(key.fileobj)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def client(self):
        """All that clients said."""
        return b"".join(data for talk in self.conversations for side, data in talk if side == "C")

    def server(self):
        return b"".join(data for talk in self.conversations for side, data in talk if side == "S")

    def turns(self):
        """What a client said before it heard more, piece by piece."""
        out = []
        for talk in self.conversations:
            last = None
            for side, data in talk:
                if side == "C" and last == "C":
                    out[-1] += data
                elif side == "C":
                    out.append(data)
                last = side
        return out

    def offered(self):
        """The keywords of the last answer to EHLO, with what follows them."""
        text = self.server().decode("latin-1")
        out = {}
        for block in re.findall(r"(?:^250-.*\r\n)+250 .*\r\n", text, re.M):
            words = [line[4:].split() for line in block.splitlines()[1:]]
            if any(w[:1] in (["SIZE"], ["8BITMIME"]) for w in words):  # no answer to a message
                out = {w[0].upper(): w[1:] for w in words if w}
        return out
