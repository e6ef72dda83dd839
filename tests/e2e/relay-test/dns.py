"""dns.py RCODE COMMAND…: runs the command in namespaces of its own (unshare -mn), where the only
name service is one on the loopback that answers each question with RCODE: 3 there is no such
name, 2 it cannot tell, "silent" nothing."""
import fcntl
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading

IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS = 1, 0x8913, 0x8914


def loopback_up():
    with socket.socket() as s:
        name = struct.pack("16sH14s", b"lo", 0, b"")
        flags = struct.unpack("16sH14s", fcntl.ioctl(s, SIOCGIFFLAGS, name))[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14s", b"lo", flags | IFF_UP, b""))


def answer(s, rcode):
    while True:
        question, who = s.recvfrom(4096)
        if rcode != "silent":
            flags = struct.pack(">H", 0x8180 | int(rcode))
            s.sendto(question[:2] + flags + question[4:6] + b"\0" * 6 + question[12:], who)


def main():
    loopback_up()
    file = tempfile.NamedTemporaryFile("w", delete=False)
    file.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    file.close()
    subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))
    threading.Thread(target=answer, args=(s, sys.argv[1]), daemon=True).start()
    code = subprocess.run(sys.argv[2:], check=False).returncode
    pathlib.Path(file.name).unlink()
    sys.exit(code)


if __name__ == "__main__":
    main()
