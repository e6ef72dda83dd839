"""bombs.py FOLDER: messages made to cost whoever reads them time, memory or the stack; 3 MB each.

bombs.py --check FILE MS KB: whether what they did cost is within limits.
"""
import base64
import json
import os
import sys

SIZE = 3 << 20
HEAD = b"From: a@example.org\nSubject: bomb\nMIME-Version: 1.0\n"


def fill(unit, size=SIZE):
    return unit * (size // max(1, len(unit)))


def typed(kind, body, extra=b""):
    return HEAD + b"Content-Type: " + kind + b"\n" + extra + b"\n" + body


def nested_multiparts(depth, named):
    out = [HEAD]
    for i in range(depth):
        b = b"b%d" % i if named else b"b"
        out.append(b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n' % (b, b))
    return b"".join(out)


def bombs():
    # Nesting.
    yield "nested-own", nested_multiparts(60000, True)[:SIZE]
    yield "nested-same", nested_multiparts(60000, False)[:SIZE]
    yield "nested-messages", HEAD + fill(b"Content-Type: message/rfc822\n\n")
    yield "nested-digests", HEAD + b"Content-Type: multipart/digest; boundary=b\n\n" + fill(
        b'--b\n\nContent-Type: multipart/digest; boundary=b\n\n')
    yield "nested-comments", HEAD + b"Content-Type: " + fill(b"(") + b"text/html\n\nx"
    yield "nested-comments-param", typed(b"text/html; a=b " + fill(b"(a "), b"x")
    full = nested_multiparts(30, True)
    yield "open-30-dashes", full + fill(b"--\n")
    yield "open-30-dashes-x", full + fill(b"--x\n")
    yield "open-30-near", full + fill(b"--b0x\n--b29x\n")
    yield "open-30-closing", full + fill(b"--b0---\n")
    yield "open-30-text", full + fill(b"some text that is none of them\n")
    yield "open-30-outermost", full + fill(b"--b0\n\nx\n")
    yield "open-30-reopened", full + fill(b"--b29--\n--b29\n\nx\n")
    prefixes = [HEAD]
    for i in range(30):
        b = b"a" * (i + 1)
        prefixes.append(b"Content-Type: multipart/mixed; boundary=%s\n\n--%s\n" % (b, b))
    prefixes = b"".join(prefixes)
    yield "prefixes", prefixes + fill(b"--" + b"a" * 31 + b"\n")
    yield "prefixes-all", prefixes + fill(b"".join(b"--" + b"a" * i + b"b\n" for i in range(40)))
    long_ones = [HEAD]
    for i in range(30):
        b = b"a" * 60000 + b"%02d" % i
        long_ones.append(b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n' % (b, b))
    long_ones = b"".join(long_ones)[:SIZE // 2]
    yield "long-boundaries", long_ones + fill(b"--" + b"a" * 60000 + b"xx\n", SIZE // 2)
    # Many.
    mixed = HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"
    yield "parts-100000", mixed + fill(b"--b\nContent-Type: text/plain\n\nx\n")
    yield "parts-empty", mixed + fill(b"--b\n")
    yield "parts-empty-crlf", mixed + fill(b"--b\r\n\r\n")
    yield "parts-messages", mixed + fill(b"--b\nContent-Type: message/rfc822\n\n\n\n\nA: b\n\nx\n")
    yield "parts-999-html", mixed + fill(b"--b\nContent-Type: text/html\n\n" + b"<p>&amp;" * 380 + b"\n")
    yield "parts-999-fields", mixed + fill(b"--b\n" + b"a:\n" * 1040 + b"\nx\n")
    yield "parts-999-bad-base64", mixed + fill(
        b"--b\nContent-Transfer-Encoding: base64\n\n" + b"=A!" * 1000 + b"\n")
    yield "parts-iconv", mixed + fill(b"--b\nContent-Type: text/plain; charset=gb18030\n\n" + b"\xff" * 3000 + b"\n")
    yield "epilogue", mixed + b"--b\n\nx\n--b--\n" + fill(b"epilogue\n")
    yield "preamble", mixed + fill(b"preamble\n") + b"--b\n\nx\n--b--\n"
    yield "preamble-dashes", HEAD + b"Content-Type: multipart/mixed\n\n" + fill(b"--a\n")
    yield "preamble-contents", HEAD + b"Content-Type: multipart/mixed\n\n" + fill(b"--a\nContent\n")
    yield "empty-boundary", HEAD + b'Content-Type: multipart/mixed; boundary=""\n\n' + fill(b"--\nContent-\n")
    # Headers.
    yield "header-3mb", HEAD + fill(b"X-Field: value\n") + b"\nx"
    yield "header-one-field", HEAD + b"X: " + fill(b"v") + b"\n\nx"
    yield "header-one-name", HEAD + fill(b"v") + b": x\n\nx"
    yield "header-folds", HEAD + b"Subject: a\n" + fill(b" b\n") + b"\nx"
    yield "header-blank-folds", HEAD + b"Subject: a\n" + fill(b" \n") + b"\nx"
    yield "header-no-colon", HEAD + fill(b"no field at all\n") + b"\nx"
    yield "header-fragments", HEAD + fill(b"abcdefghijklmnopqrstuvwxyz\n") + b"\nx"
    yield "header-colons", HEAD + fill(b":\n")
    yield "header-blank-colon", HEAD + fill(b"a" + b" " * 1000 + b"b\n")
    yield "header-dashes", mixed + fill(
        b"--b\nContent-Type: message/rfc822\n\n" + b"a:\n" * 2000 + b"--\n--\n--\na:\n" * 20000 + b"\nx\n")
    yield "header-padded", HEAD + b"a:\n" * 2000 + fill(b" \n \n \n \n", 200000) + b"\nx"
    yield "header-far-cr", HEAD + fill(b"no field\n", 250000) + b"\n" + fill(b"x", 2 << 20) + b"\r"
    yield "header-few-cr", HEAD + fill(b"a b\nc\rd:\n", 250000) + b"\n" + fill(b"x", 2 << 20) + b"\r"
    yield "header-from", HEAD + fill(b"From x\n") + b"\nx"
    yield "header-early-blank", fill(b"\n") + HEAD + b"\nx"
    yield "header-early-message", mixed + b"--b\nContent-Type: message/rfc822\n\n" + fill(b"\n") + b"x"
    yield "header-empty-names", HEAD + fill(b"a:b\n") + b"\nx"
    yield "header-subjects", fill(b"Subject: =?utf-8?q?a?=\n") + b"\nx"
    # Encoded words.
    for name, unit in (
            ("words", b"=?utf-8?q?a?= "), ("words-b", b"=?utf-8?b?YQ==?= "), ("words-open", b"=?utf-8?q?"),
            ("words-half", b"=?"), ("words-quarter", b"=?a?"), ("words-charset", b"=?" + b"a" * 60),
            ("words-iconv", b"=?gb18030?b?/////w==?= "), ("words-own", b"=?x-%d?q?a?= "),
            ("words-utf7", b"=?utf-7?q?+?="), ("words-jp", b"=?iso-2022-jp?b?GyRC?= "), ("words-end", b"?="),
            ("words-two", b"=?utf-8?q?a?==?koi8-r?q?=FF?=")):
        yield name, b"Subject: " + fill(unit, 250 << 10) + b"\n" + HEAD + b"\n" + fill(b"x\n")
        folded = unit + b"\n "
        yield name + "-folded", b"From: " + fill(folded, 250 << 10) + b"\n" + HEAD + b"\n" + fill(b"x\n")
    # Parameters.
    sections = b"".join(b" filename*%d*=utf-8''%%41;" % i for i in range(9000))
    for name, value in (
            ("sections", sections), ("sections-million", b"filename*0=a;" * 18000),
            ("sections-long", b"filename*0*=utf-8''" + b"%41" * 80000),
            ("sections-quotes", b"filename*0*=" + b"'" * 250000),
            ("param-escapes", b'filename="' + b"\\\"" * 120000), ("param-equals", b"=" * 250000),
            ("param-blanks", b"filename = " * 23000), ("param-tokens", b"a b " * 62000),
            ("param-assign", b"a b=" * 62000), ("param-semicolons", b";" * 250000)):
        yield name, HEAD + b"Content-Disposition: attachment; " + value + b"\n\n" + fill(b"x\n")
        yield name + "-type", typed(b"text/plain; charset" + value.replace(b"filename", b"charset"), fill(b"x\n"))
    # Bodies.
    inner = HEAD + b"\n" + fill(b"hello\n", SIZE // 20)
    for _ in range(7):
        inner = typed(b"message/rfc822", base64.encodebytes(inner), b"Content-Transfer-Encoding: base64\n")
    yield "base64-of-base64", inner
    quoted = fill(b"x=\n")
    yield "qp-messages", HEAD + fill(b"Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n")
    yield "qp-soft", typed(b"text/plain", quoted, b"Content-Transfer-Encoding: quoted-printable\n")
    yield "qp-equals", typed(b"text/plain", fill(b"="), b"Content-Transfer-Encoding: quoted-printable\n")
    yield "qp-blanks", typed(b"text/plain", fill(b"=" + b" " * 5000), b"Content-Transfer-Encoding: quoted-printable\n")
    yield "qp-blank-lines", typed(b"text/plain", fill(b" \t"), b"Content-Transfer-Encoding: quoted-printable\n")
    for name, unit in (("pads", b"="), ("joined", b"QQ==\n"), ("one", b"Q="), ("bad", b"*"), ("blank", b" ")):
        yield "base64-" + name, typed(b"text/plain", fill(unit), b"Content-Transfer-Encoding: base64\n")
    for label, unit in (("utf-8", b"\xff"), ("utf-8", b"\xe2\x82"), ("gb18030", b"\xff"), ("big5", b"\xff\x41"),
                        ("iso-2022-jp", b"\x1b"), ("iso-2022-jp", b"\x1b$B"), ("utf-7", b"+"), ("utf-16", b"\xd8"),
                        ("utf-16", b"\0"), ("utf-32", b"\xff"), ("x-nobody", b"\xe9"), ("windows-1252", b"\x80")):
        yield "charset-%s-%s" % (label, unit.hex()), typed(b"text/plain; charset=" + label.encode(), fill(unit))
    for name, unit in (("open", b"<"), ("tags", b"<p>"), ("quotes", b'<a b="'), ("comments", b"<!--"),
                       ("scripts", b"<script>"), ("ends", b"<script></"), ("entities", b"&#"), ("amps", b"&"),
                       ("numbers", b"&#x41"), ("addresses", b"<a@"), ("names", b"<" + b"a" * 300),
                       ("styles", b"<style></style"), ("nbsp", b"&nbsp;")):
        yield "html-" + name, typed(b"text/html", fill(unit, 1 << 20) + b"\n" + fill(b"x\n", 2 << 20))
    yield "lines-cr", typed(b"multipart/mixed; boundary=b", fill(b"\r"))
    yield "lines-crcr", typed(b"multipart/mixed; boundary=b", fill(b"\r\r\n"))
    yield "lines-nul", typed(b"multipart/mixed; boundary=b", fill(b"\0"))
    yield "line-50mb", typed(b"multipart/mixed; boundary=b", fill(b"x", 50 << 20))
    yield "line-50mb-dashes", typed(b"multipart/mixed; boundary=b", fill(b"-", 50 << 20))
    yield "line-50mb-html", typed(b"text/html", fill(b"<", 50 << 20))
    yield "zeros", fill(b"\0")
    yield "newlines", fill(b"\n")
    # Reports.
    for name, unit in (("fields", b"A: b\n"), ("groups", b"Final-Recipient: rfc822; a@example.org\n\n"),
                       ("blanks", b"\n"), ("gaps", b"X-A: b\n\n"), ("names", b"Final-Recipient"),
                       ("originals", b"Original-Recipient: x\nAction: failed\n"), ("junk", b"junk\n")):
        yield "report-" + name, typed(b"message/delivery-status", fill(unit))


def check(path, ms_max, kb_max):
    """Whether what read_message -t measured is within the limits; the file is read in one piece."""
    bad = count = 0
    for line in open(path, encoding="utf-8"):
        got = json.loads(line)
        count += 1
        ms = got["us"] / 1000 / max(1, got["bytes"] / SIZE)
        kb = got["rss_kb"] - 2 * got["bytes"] / 1024
        if ms > ms_max or kb > kb_max:
            bad += 1
            print("%s: %.1f ms per 3 MB, %d KB" % (got["file"], ms, kb))
    print("%d of %d bombs are within %g ms per 3 MB and %d KB" % (count - bad, count, ms_max, kb_max))
    return 1 if bad or count < 100 else 0


if __name__ == "__main__":
    if sys.argv[1] == "--check":
        sys.exit(check(sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, data in bombs():
        with open(os.path.join(sys.argv[1], "bomb-%s.eml" % name), "wb") as f:
            f.write(data)
