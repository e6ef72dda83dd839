"""zone.py COMMAND…: runs the command where nothing but itself can be reached; start it with
`unshare -mn`, in namespaces of its own. There 192.0.2.0/24 (RFC 5737) is the loopback too, ports
are free from 1, and the only name service is this one, which knows

  NAME.hop.example, hop.example        mail to 192.0.2.10, as for each of HOPS
  nomail.example, *.nomail.example     no mail here: the null MX (RFC 7505)
  broken.example, *.broken.example     cannot be told: SERVFAIL
  asso.example, people.example         mail to 192.0.2.1
  mx.NAME                              the address of such a server
  anything else                        no such name
"""
import fcntl
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

HERE = "192.0.2.1"
HOPS = {"hop.example": "192.0.2.10", "plain.example": "192.0.2.11", "small.example": "192.0.2.12",
        "closed.example": "192.0.2.13", "dead.example": "192.0.2.99"}
HOSTS = {**HOPS, "asso.example": HERE, "people.example": HERE, "example.org": HERE}
A, SOA, MX, AAAA = 1, 6, 15, 28
NXDOMAIN, SERVFAIL = 3, 2
IFF_UP, SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFADDR = 1, 0x8913, 0x8914, 0x8916


def loopback_up():
    """lo, and an alias whose address brings its whole network: 192.0.2.0/24."""
    with socket.socket() as s:
        address = struct.pack("16sHH4s8x", b"lo:1", socket.AF_INET, 0, socket.inet_aton(HERE))
        fcntl.ioctl(s, SIOCSIFADDR, address)
        for name in (b"lo", b"lo:1"):
            ask = struct.pack("16sH14s", name, 0, b"")
            flags = struct.unpack("16sH14s", fcntl.ioctl(s, SIOCGIFFLAGS, ask))[1]
            fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sH14s", name, flags | IFF_UP, b""))


def wire(name):
    return b"".join(struct.pack("B", len(label)) + label.encode()
                    for label in name.split(".") if label) + b"\0"


def within(name, zones):
    """The zone that a name is, or lies below."""
    return next((zone for zone in zones if name == zone or name.endswith("." + zone)), None)


def look_up(name, kind):
    """(rcode, [(type, data)])"""
    if within(name, ("broken.example",)):
        return SERVFAIL, []
    if within(name, ("nomail.example",)):
        return 0, [(MX, struct.pack(">H", 0) + wire("."))] if kind == MX else []
    zone = within(name, HOSTS)
    if zone is None:
        return NXDOMAIN, []
    if name == "mx." + zone:
        return 0, [(A, socket.inet_aton(HOSTS[zone]))] if kind == A else []
    return 0, [(MX, struct.pack(">H", 10) + wire("mx." + zone))] if kind == MX else []


def reply(question):
    number, _, _ = struct.unpack(">HHH", question[:6])
    at, labels = 12, []
    while question[at]:
        labels.append(question[at + 1:at + 1 + question[at]].decode("ascii", "replace").lower())
        at += 1 + question[at]
    kind, _ = struct.unpack(">HH", question[at + 1:at + 5])
    rcode, found = look_up(".".join(labels), kind)
    records = b"".join(struct.pack(">HHHIH", 0xC00C, what, 1, 60, len(data)) + data
                       for what, data in found)
    head = struct.pack(">HHHHHH", number, 0x8580 | rcode, 1, len(found), 0, 0)
    return head + question[12:at + 5] + records


def serve(s):
    while True:
        question, who = s.recvfrom(4096)
        s.sendto(reply(question), who)


def main():
    loopback_up()
    file = tempfile.NamedTemporaryFile("w", delete=False)
    file.write("nameserver 127.0.0.1\n")
    file.close()
    os.chmod(file.name, 0o644)
    subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 53))
    threading.Thread(target=serve, args=(s,), daemon=True).start()
    child = subprocess.Popen(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    pathlib.Path(file.name).unlink()
    sys.exit(code)


if __name__ == "__main__":
    main()
