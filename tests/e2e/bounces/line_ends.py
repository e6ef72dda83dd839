#!/usr/bin/env python3
"""line_ends.py FROM TO: the messages of a folder in TO/asis, TO/lf, TO/crlf and TO/cr."""
import pathlib
import sys

source, target = (pathlib.Path(arg) for arg in sys.argv[1:3])
ENDS = {"asis": None, "lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
for name in ENDS:
    (target / name).mkdir()
for path in source.iterdir():
    octets = path.read_bytes()
    plain = octets.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for name, end in ENDS.items():
        text = octets if end is None else plain.replace(b"\n", end)
        (target / name / path.name).write_bytes(text)
