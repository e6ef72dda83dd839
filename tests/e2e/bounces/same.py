#!/usr/bin/env python3
"""same.py ONE OTHER: whether two outputs of `bounce parse --json` say the same of each message.
Lists what differs; what was said may have other line ends in it."""
import json
import os
import sys


def facts(path):
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            v = json.loads(line)
            found.setdefault(os.path.basename(v["file"]), []).append(
                (v["kind"], v["complaint"], v["original"]["message_id"], [
                    (r["address"], r["action"], r["status"], r["reply_code"], r["reason"])
                    for r in v["recipients"]]))
    return found


one, other = facts(sys.argv[1]), facts(sys.argv[2])
# An mbox is one by its line ends: those of several messages are left out.
differing = [name for name in sorted(one) if len(one[name]) == 1 and one[name] != other.get(name)]
for name in differing[:20]:
    print(name, one[name], other.get(name), sep="\n  ")
sys.exit(1 if differing or len(one) < 2 else 0)
