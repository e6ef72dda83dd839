"""An SMTP server that behaves badly: relay.py FOLDER [--one] [--echo]

FOLDER/port holds the port, FOLDER/accepted a line per recipient taken.
--one   takes one connection at a time and answers 421 to others
--echo  logs everybody in, then refuses the sender and repeats the password in its words
--frail ends a connection, without an answer, when something follows the end of a message
        before that was answered; FOLDER/early has a line each time
--idle  ends a connection on which nothing was said for a third of a second
Recipients whose local part begins with "policy" are refused with 550 5.7.1."""
import asyncio
import base64
import pathlib
import re
import sys

FOLDER, FLAGS = pathlib.Path(sys.argv[1]), sys.argv[2:]
PAUSE = 0.05
IDLE = 1 / 3 if "--idle" in FLAGS else None
open_now = 0


class Peer:
    def __init__(self):
        self.password, self.rcpts = "", []

    async def answer(self, line, reader):
        verb, text = line[:4].upper(), line.decode().strip()
        if verb == b"EHLO":
            return "250-relay.example\r\n250-PIPELINING\r\n250 AUTH PLAIN"
        if verb == b"AUTH":
            self.password = base64.b64decode(text.split()[2]).split(b"\0")[2].decode()
            return "235 2.7.0 Welcome"
        if verb == b"MAIL" and "--echo" in FLAGS:
            return f"530 5.7.0 You said {self.password} and {self.password}, which is wrong"
        if verb == b"DATA":
            return "554 5.5.1 No valid recipients"
        if verb == b"RCPT":
            address = re.search("<(.*)>", text).group(1)
            if address.startswith("policy"):
                return "550 5.7.1 Not by our policy"
            self.rcpts.append(address)
        return "250 2.0.0 Ok"

    async def talk(self, reader, writer):
        writer.write(b"220 relay.example ESMTP\r\n")
        while line := await asyncio.wait_for(reader.readline(), IDLE):
            if line[:4].upper() == b"DATA" and self.rcpts:
                writer.write(b"354 Go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                with (FOLDER / "accepted").open("a") as taken:
                    taken.writelines(f"{r}\n" for r in self.rcpts)
                self.rcpts = []
                await asyncio.sleep(PAUSE)
                if "--frail" in FLAGS and reader._buffer:
                    (FOLDER / "early").open("a").write("early\n")
                    return
                writer.write(b"250 2.0.0 Taken\r\n")
            else:
                writer.write((await self.answer(line, reader)).encode() + b"\r\n")
            await writer.drain()
            if line[:4].upper() == b"QUIT":
                return


async def meet(reader, writer):
    global open_now
    open_now += 1
    try:
        if "--one" in FLAGS and open_now > 1:
            writer.write(b"421 4.7.0 One at a time\r\n")
        else:
            await Peer().talk(reader, writer)
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.TimeoutError):
        pass
    finally:
        open_now -= 1
        writer.close()


async def main():
    server = await asyncio.start_server(meet, "127.0.0.1", 0)
    fresh = FOLDER / "port.new"
    fresh.write_text(str(server.sockets[0].getsockname()[1]))
    fresh.rename(FOLDER / "port")
    async with server:
        await server.serve_forever()


asyncio.run(main())
