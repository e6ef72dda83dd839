"""judge_python.py READ.json [MESSAGE…]: the same trees and texts by Python's email?"""
import email
import email.policy
import json
import re
import sys

REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/feedback-report",
           "message/disposition-notification", "message/global-disposition-notification")


def theirs(raw):
    return list(walk(email.message_from_bytes(raw, policy=email.policy.compat32), 0))


def walk(part, depth):
    kind = part.get_content_type()
    yield depth, kind, part
    if kind in REPORTS:
        return
    if part.is_multipart():
        for child in part.get_payload():
            yield from walk(child, depth + 1)


def ours(parts):
    out = []
    hidden = None
    for p in parts:
        if hidden is not None and p["depth"] > hidden:
            continue
        hidden = p["depth"] if p["type"] == "text/rfc822-headers" else None
        out.append(p)
    return out


def tidy(text):
    text = text.replace("\0", "").replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")
    return re.sub("\ufffd+", "\ufffd", text).strip("\n")

SUPERSETS = {"iso-8859-1": "cp1252", "us-ascii": None, "gb2312": "gb18030", "ks_c_5601-1987": "cp949",
             "iso-8859-9": "cp1254", "euc-kr": "cp949", "shift_jis": "cp932","unicode-1-1-utf-7":"utf-7","gbk":"gb18030"}

def any_text(data):
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(c if (c:=bytes([b]).decode("cp1252","ignore")) else chr(b) for b in data)

def text_of(part):
    data = part.get_payload(decode=True)
    if data is None:
        return None
    charset = part.get_content_charset() or "us-ascii"
    charset = SUPERSETS.get(charset, charset)
    if charset is None: return any_text(data)
    if charset == "cp1252": return "".join(bytes([b]).decode("cp1252","ignore") or chr(b) for b in data)
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return any_text(data)


for line in open(sys.argv[1]):
    rec = json.loads(line)
    raw = open(rec["file"], "rb").read()
    name = rec["file"].split("/")[-1]
    a = ours(rec["parts"])
    b = theirs(raw)
    ta = [(p["depth"], p["type"]) for p in a]
    tb = [(d, k) for d, k, _ in b]
    if ta != tb:
        print("TREE", name); print("   ours  ", ta); print("   theirs", tb)
        continue
    for p, (d, k, m) in zip(a, b):
        if k.startswith("text/") and k != "text/rfc822-headers":
            t = text_of(m)
            if tidy(p["text"]) != tidy(t):
                x, y = tidy(p["text"]), tidy(t)
                i = next((i for i in range(min(len(x), len(y))) if x[i] != y[i]), min(len(x), len(y)))
                print("TEXT", name, k, m.get("content-type"), m.get("content-transfer-encoding"), len(x), len(y), i); print("   ", repr(x[max(0,i-20):i+40])); print("   ", repr(y[max(0,i-20):i+40]))
