"""judge.py python|gmime READ.json: do others see the same parts and the same text in them?

READ.json is what read_message prints. Where they differ, the table in explained.py says why
ours is right; a difference without a row fails, and so does a row without a difference.
"""
import email
import email.policy
import json
import os
import re
import sys
from email.header import decode_header, make_header
from email.utils import collapse_rfc2231_value

from explained import EXPLAINED, RULES

REPORTS = ("message/delivery-status", "message/global-delivery-status", "message/feedback-report",
           "message/disposition-notification", "message/global-disposition-notification")
# Whose content we read as a message of its own, and others as text.
HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")
WORDS = ("subject", "from", "to", "reply-to", "message-id", "x-failed-recipients", "content-description")
# The superset that the label stands for (WHATWG Encoding 4.2), in the words of Python.
SUPERSETS = {"iso-8859-1": "cp1252", "iso-8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
             "ks_c_5601-1987": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "x-sjis": "cp932",
             "tis-620": "cp874", "unicode-1-1-utf-7": "utf-7", "windows-1252": "cp1252",
             "ks_c_5601": "cp949"}


def tidy(text):
    """Without what neither side promises: line ends, NULs, how many marks a broken octet gets."""
    text = text.replace("\0", "").replace("\ufeff", "")
    text = re.sub("\r\r?\n|\r", "\n", text)
    return re.sub("\ufffd+", "\ufffd", text).strip("\n")


def cp1252(data):
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in data)


def decode(data, label):
    label = (label or "us-ascii").lower().strip("'\"")
    label = SUPERSETS.get(label, label)
    if label == "cp1252":
        return cp1252(data)
    if label not in ("us-ascii", "ascii"):
        try:
            return data.decode(label, "replace")
        except LookupError:
            pass
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return cp1252(data)


def walk_python(part, depth=0):
    kind = part.get_content_type()
    text = None
    if kind.startswith("text/") and kind not in HEADERS:
        text = decode(part.get_payload(decode=True) or b"", part.get_content_charset())
    yield depth, kind, text
    if part.is_multipart() and kind not in REPORTS:
        for child in part.get_payload():
            yield from walk_python(child, depth + 1)


def by_python(raw):
    return list(walk_python(email.message_from_bytes(raw, policy=email.policy.compat32)))


def walk_gmime(gmime, part, depth=0):
    kind = part.get_content_type()
    kind = ("%s/%s" % (kind.get_media_type(), kind.get_media_subtype())).lower() if kind else "text/plain"
    text = None
    if isinstance(part, gmime.TextPart) and kind not in HEADERS:
        content = part.get_content()
        stream = gmime.StreamMem.new()
        if content is not None:
            content.write_to_stream(stream)
        text = decode(bytes(stream.get_byte_array() or b""), part.get_content_type_parameter("charset"))
    yield depth, kind, text
    if isinstance(part, gmime.Multipart):
        for i in range(part.get_count()):
            yield from walk_gmime(gmime, part.get_part(i), depth + 1)
    elif isinstance(part, gmime.MessagePart) and kind not in HEADERS and part.get_message():
        inner = part.get_message().get_mime_part()
        if inner is not None:
            yield from walk_gmime(gmime, inner, depth + 1)


def by_gmime(raw):
    import gi
    gi.require_version("GMime", "3.0")
    from gi.repository import GMime
    GMime.init()
    message = GMime.Parser.new_with_stream(GMime.StreamMem.new_with_buffer(raw)).construct_message(None)
    if message is None or message.get_mime_part() is None:
        return []
    return list(walk_gmime(GMime, message.get_mime_part()))


def ours(parts):
    """Ours in the same form: without what is within headers, nor what an empty message holds."""
    out = []
    hidden = None
    for i, p in enumerate(parts):
        if hidden is not None and p["depth"] > hidden:
            continue
        hidden = p["depth"] if p["type"] in HEADERS else None
        text = p["text"] if p["type"].startswith("text/") and p["type"] not in HEADERS else None
        out.append((p["depth"], p["type"], text))
    return out


def without_empty(parts):
    out = []
    for depth, kind, text in parts:
        empty = kind == "text/plain" and not tidy(text or "")
        if empty and out and out[-1][1].startswith("message/") and out[-1][0] == depth - 1:
            continue
        out.append((depth, kind, text))
    return out


def difference(a, b):
    a, b = without_empty(a), without_empty(b)
    if [p[:2] for p in a] != [p[:2] for p in b]:
        return "parts: ours %s, theirs %s" % ([p[:2] for p in a], [p[:2] for p in b])
    for i, (p, q) in enumerate(zip(a, b)):
        x, y = tidy(p[2] or ""), tidy(q[2] or "")
        if x != y:
            at = len(os.path.commonprefix([x, y]))
            return "part %d (%s) at %d: ours %r, theirs %r" % (
                i, p[1], at, x[max(0, at - 10):at + 30], y[max(0, at - 10):at + 30])
    return None


def squeezed(text):
    """Words without the blanks between them, about which decoders do not agree."""
    return re.sub(r"\s+", "", text)


def words_by_python(raw):
    """Some values of the header of the message, and the names of its files."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    out = []
    for name in WORDS:
        try:
            out.append((name, str(make_header(decode_header(message.get(name, ""))))))
        except (LookupError, ValueError, email.errors.HeaderParseError):
            out.append((name, None))
    names = (collapse_rfc2231_value(p.get_filename() or "") for p in message.walk())
    out.append(("file names", " ".join(n for n in names if n)))
    return out


def difference_of_words(read, raw):
    """As above; what Python cannot decode, raw octets that nobody labelled, is not compared."""
    parts = read["parts"]
    for name, theirs in words_by_python(raw):
        if name == "file names":
            mine = " ".join(p["filename"] for p in parts if p["filename"])
        else:
            mine = next((f[1] for f in parts[0]["fields"] if f[0].lower() == name), "")
        if theirs is None or "\ufffd" in theirs or re.search("[\udc80-\udcff]", theirs):
            continue
        if squeezed(mine) != squeezed(theirs):
            return "%s: ours %r, theirs %r" % (name, mine, theirs)
    return None


def main():
    judge = sys.argv[1]
    theirs = {"python": by_python, "gmime": by_gmime}[judge]
    bad = seen = same = 0
    needed = set()
    for line in open(sys.argv[2], encoding="utf-8"):
        read = json.loads(line)
        name = os.path.basename(read["file"])
        key = re.sub(r"^(\d{4})-.*|\.eml$", r"\1", name)
        with open(read["file"], "rb") as f:
            raw = f.read()
        found = difference(ours(read["parts"]), theirs(raw))
        if found is None and judge == "python":
            found = difference_of_words(read, raw)
        seen += 1
        rule = EXPLAINED[judge].get(key)
        if found is None:
            same += 1
        elif rule is None:
            bad += 1
            print("%s: %s" % (name, found))
        else:
            needed.add(key)
            if os.environ.get("VERBOSE"):
                print("%s: %s: %s" % (name, RULES[rule], found))
        if rule is not None and found is None:
            bad += 1
            print("%s: a row that explains nothing (%s)" % (name, rule))
    print("%s reads %d of %d messages alike, and %d otherwise for a reason" % (
        judge, same, seen, len(needed)))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
