"""A relay on a loopback port, in the event loop of the caller: it takes its time, and writes
down what it accepts, when, the moment before it says so. A client that has gone meanwhile does
not stop it: what it had whole, it accepts."""
import asyncio
import json
import socket
import time

END = b"\r\n.\r\n"
LIMIT = 1 << 22


class Relay:
    def __init__(self, log, random, slowest, first=None):
        """slowest: seconds it may think about a message; first: and about the first one."""
        self.log, self.random, self.slowest = log.open("a", encoding="utf-8"), random, slowest
        self.accepted = []  # (ns, how many, when its end came in, addresses)
        self.sessions = self.came = self.open_now = self.peak = 0
        self.first = first

    async def listen(self):
        # With the protocol named, asyncio sets TCP_NODELAY: else each reply may wait 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        self.server = await asyncio.start_server(self.talk, sock=listener, limit=LIMIT)
        return listener.getsockname()[1]

    async def close(self):
        self.server.close()
        self.log.close()

    async def think(self, part):
        if self.slowest > 0:
            await asyncio.sleep(self.random.uniform(0, self.slowest * part))

    def accept(self, came, rcpts):
        at = time.monotonic_ns()
        self.accepted.append((at, len(rcpts), came, rcpts))
        self.log.write(json.dumps({"at": at, "n": len(rcpts), "came": came,
                                   "rcpts": rcpts}) + "\n")
        self.log.flush()

    async def talk(self, reader, writer):
        self.open_now += 1
        self.peak = max(self.peak, self.open_now)
        try:
            await self.session(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_now -= 1
            writer.close()

    async def session(self, reader, writer):
        rcpts = []
        self.sessions += 1
        writer.write(b"220 relay.example ESMTP\r\n")
        while True:
            line = await reader.readuntil(b"\r\n")
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 Go on\r\n")
                await writer.drain()
                await reader.readuntil(END)
                came = time.monotonic_ns()
                self.came += 1
                if self.came == 1 and self.first is not None:
                    await asyncio.sleep(self.first)
                else:
                    await self.think(1)
                self.accept(came, rcpts)
                writer.write(b"250 2.0.0 Taken\r\n")
            elif verb == b"EHLO":
                writer.write(b"250-relay.example\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                return
            else:
                if verb in (b"MAIL", b"RSET"):
                    rcpts = []
                elif verb == b"RCPT":
                    rcpts = rcpts + [line[9:-3].decode()]
                await self.think(0.1)
                writer.write(b"250 2.0.0 Ok\r\n")
            await writer.drain()
