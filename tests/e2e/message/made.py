"""made.py FOLDER: messages as nobody should write them, a file each."""
import base64
import os
import quopri
import sys

TEXT = "Müller schrieb: «Ça ne marche pas.»\n"


def message(kind, body, *fields):
    head = "From: a@example.org\nTo: b@example.org\nSubject: made\nMIME-Version: 1.0\n"
    head += "Content-Type: %s\n" % kind + "".join(f + "\n" for f in fields)
    return head.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


def mixed(*parts, boundary="=_b", end=True, kind="multipart/mixed", named=None):
    body = b"".join(b"--%s\n%s\n" % (boundary.encode(), p) for p in parts)
    if end:
        body += b"--%s--\n" % boundary.encode()
    return message('%s; boundary="%s"' % (kind, named or boundary), body)


def part(kind, body, *fields):
    head = "Content-Type: %s\n" % kind + "".join(f + "\n" for f in fields)
    return head.encode() + b"\n" + (body if isinstance(body, bytes) else body.encode())


PLAIN = part("text/plain", "hello")
BASE64 = "Content-Transfer-Encoding: base64"
QP = "Content-Transfer-Encoding: quoted-printable"


def charsets():
    for label, codec, text in (
            ("utf-8", "utf-8", TEXT), ("UTF8", "utf-8", TEXT), ("iso-8859-1", "latin-1", TEXT),
            ("windows-1252", "cp1252", TEXT + "€ „“"), ("iso-8859-15", "iso-8859-15", TEXT + "€"),
            ("gb2312", "gb2312", "投递失败"), ("gbk", "gbk", "投遞失敗"), ("gb18030", "gb18030", "投递失败 €"),
            ("big5", "big5", "郵件無法投遞"), ("ks_c_5601-1987", "cp949", "메일을 보낼 수 없습니다 똠"),
            ("euc-kr", "euc-kr", "메일을 보낼 수 없습니다"), ("iso-2022-jp", "iso-2022-jp", "配信できません"),
            ("shift_jis", "shift_jis", "配信できません"), ("x-sjis", "cp932", "配信できません①"),
            ("euc-jp", "euc-jp", "配信できません"), ("koi8-r", "koi8-r", "Письмо не доставлено"),
            ("windows-1251", "cp1251", "Письмо не доставлено"), ("iso-8859-2", "iso-8859-2", "Zażółć"),
            ("iso-8859-7", "iso-8859-7", "Απέτυχε"), ("iso-8859-9", "iso-8859-9", "Gönderilemedi ş"),
            ("windows-1256", "cp1256", "تعذر التسليم"), ("windows-1255", "cp1255", "לא נמסר"),
            ("tis-620", "tis-620", "ส่งไม่ได้"), ("windows-1258", "cp1258", "Khong"),
            ("unicode-1-1-utf-7", "utf-7", TEXT), ("utf-16", "utf-16", TEXT),
            ("utf-16le", "utf-16-le", TEXT), ("utf-16be", "utf-16-be", TEXT), ("cp850", "cp850", "déjà"),
            ("macintosh", "mac-roman", "déjà vu")):
        data = text.encode(codec)
        yield "charset-%s-base64" % label, message(
            "text/plain; charset=" + label, base64.encodebytes(data), BASE64)
        if "16" not in label:
            yield "charset-%s-raw" % label, message("text/plain; charset=%s" % label, data)


def words():
    for name, value in (
            ("q", "=?utf-8?Q?caf=C3=A9_au_lait?="), ("b", "=?utf-8?B?Y2Fmw6k=?="), ("lower", "=?UTF-8?q?=c3=a9?="),
            ("two", "=?utf-8?q?a?=\n =?utf-8?q?b?="), ("text-after", "=?utf-8?q?a?= b"), ("text-before", "a =?utf-8?q?b?="),
            ("latin1", "=?iso-8859-1?Q?=E9t=E9?="), ("cut", "=?utf-8?q?=C3?= =?utf-8?q?=A9?="),
            ("jp", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?="), ("gb", "=?gb2312?B?zbY=?="), ("koi", "=?koi8-r?q?=C1?="),
            ("language", "=?utf-8*fr?q?=C3=A9?="), ("empty", "=?utf-8?q??="), ("no-end", "=?utf-8?q?abc"),
            ("unknown", "=?utf-8?x?abc?="), ("mixed", "=?iso-8859-1?q?=E9?= =?koi8-r?q?=C1?="),
            ("quotes", '"=?utf-8?q?=C3=A9?=" <a@example.org>'), ("fold", "a\n b\n\tc"), ("raw", "café")):
        yield "words-" + name, ("From: a@example.org\nSubject: %s\n\ntext\n" % value).encode()
    for name, value in (
            ("token", "filename=a.txt"), ("quoted", 'filename="a b.txt"'), ("escaped", 'filename="a\\"b"'),
            ("charset", "filename*=utf-8'fr'caf%C3%A9.txt"), ("sections", 'filename*0=a;\n filename*1="b c"'),
            ("coded", "filename*0*=utf-8''%C3%A9; filename*1*=%C3%A9; filename*2=c"), ("both", "filename*=utf-8''b; filename=a"),
            ("case", "FILENAME=a.txt"), ("latin1", "filename*=iso-8859-1''caf%E9")):
        yield "name-" + name, ("From: a@example.org\nContent-Disposition: attachment; %s\n\ntext\n" % value).encode()


def made():
    yield from charsets()
    yield from words()
    crlf = mixed(PLAIN, part("text/html", "<p>hi</p>"))
    yield "crlf", crlf.replace(b"\n", b"\r\n")
    yield "cr", crlf.replace(b"\n", b"\r")
    yield "crcrlf", crlf.replace(b"\n", b"\r\r\n")
    lines = crlf.split(b"\n")
    yield "mixed-ends", b"".join(l + (b"\n", b"\r\n", b"\r")[i % 3] for i, l in enumerate(lines))
    yield "empty", b""
    yield "only-newline", b"\n"
    yield "only-body", b"\nhello\n"
    yield "header-only", b"Subject: x\nTo: a@example.org"
    yield "header-only-nl", b"Subject: x\nTo: a@example.org\n"
    yield "mbox-line", b"From a@example.org Thu Jan  1 00:00:00 2026\n" + crlf
    yield "mbox-quoted", b">From a@example.org Thu Jan  1 00:00:00 2026\n" + crlf
    yield "mbox-inside", crlf.replace(b"To:", b">From b@example.org Thu\nTo:")
    yield "no-blank", b"Subject: x\nContent-Type: text/plain\nHello, this is text.\nMore.\n"
    yield "blank-first", b"\n\n" + crlf
    yield "space-colon", crlf.replace(b"Content-Type: multi", b"Content-Type : multi")
    yield "fold", crlf.replace(b"mixed; b", b"mixed;\n\tb")
    yield "fold-blank", crlf.replace(b"mixed; b", b"mixed;\n \n b")
    yield "upper", crlf.replace(b"multipart/mixed; boundary", b"MULTIPART/Mixed; BOUNDARY")
    yield "no-end", mixed(PLAIN, PLAIN, end=False)
    yield "no-end-nested", mixed(
        part('multipart/alternative; boundary="in"', b"--in\n" + PLAIN + b"\n--in\n" + PLAIN), PLAIN)
    yield "no-boundary", crlf.replace(b'; boundary="=_b"', b"")
    yield "empty-boundary", crlf.replace(b'"=_b"', b'""').replace(b"--=_b", b"--")
    yield "wrong-boundary", mixed(PLAIN, PLAIN, named="other")
    yield "never-comes", message('multipart/mixed; boundary="x"', "just text\n-- \nsignature\n")
    yield "no-parts", message('multipart/mixed; boundary="x"', "")
    yield "blanks-after", crlf.replace(b"--=_b\n", b"--=_b \t\n").replace(b"--=_b--", b"--=_b--  ")
    yield "unquoted", crlf.replace(b'"=_b"', b"=_b")
    yield "half-quoted", crlf.replace(b'"=_b"', b'"=_b')
    yield "comment", crlf.replace(b'"=_b"', b'"=_b" (a comment)')
    yield "type-comment", message("text/plain (words) ; charset=utf-8", TEXT)
    yield "prefix-outer", mixed(part('multipart/mixed; boundary="ab"', mixed_body("ab")), PLAIN, boundary="a")
    yield "prefix-inner", mixed(part('multipart/mixed; boundary="a"', mixed_body("a")), PLAIN, boundary="ab")
    yield "dashes", mixed(PLAIN, PLAIN, boundary="----")
    yield "outer-ends-inner", mixed(
        part('multipart/mixed; boundary="in"', b"--in\n" + PLAIN), PLAIN)
    yield "preamble", crlf.replace(b"\n\n--=_b", b"\n\nA preamble.\n--=_b", 1) + b"An epilogue.\n"
    yield "boundary-in-header", mixed(b"Content-Type: text/plain\nX-A: b", PLAIN)
    yield "part-no-header", mixed(b"\nhello", b"Hello: \n\nbody")
    yield "part-text-only", mixed(b"no header here\n\nsecond paragraph", PLAIN)
    yield "digest", mixed(b"\nSubject: in\n\ntext", kind="multipart/digest")
    yield "rfc822", mixed(part("message/rfc822", "Subject: in\n\ntext"))
    yield "rfc822-early-blank", mixed(part("message/rfc822", "\n\nSubject: in\n\ntext"))
    yield "rfc822-empty", mixed(part("message/rfc822", ""), PLAIN)
    yield "rfc822-base64", mixed(part("message/rfc822", base64.encodebytes(crlf), BASE64))
    yield "rfc822-qp", mixed(part("message/rfc822", quopri.encodestring(crlf), QP))
    yield "rfc822-nested", message("message/rfc822", "Content-Type: message/rfc822\n\nSubject: deep\n\ntext")
    yield "rfc822-headers", mixed(part("text/rfc822-headers", "Subject: in\nTo: c@example.org\n"))
    yield "partial", message("message/partial; id=x; number=1", "Subject: in\n\ntext")
    yield "external", message("message/external-body; access-type=x", "Content-Type: text/plain\n\nx")
    yield "bad-type", message("text", "hello")
    yield "bad-type-2", message("foo bar", "hello")
    yield "no-semicolon", message("text/plain charset=utf-8", TEXT)
    yield "two-types", message("text/plain; charset=utf-8", TEXT, "Content-Type: text/html")
    yield "base64-broken", message("text/plain", "aGVs*bG8g\nd29y bGQ", BASE64)
    yield "base64-joined", message("text/plain", "aGVsbG8=\nIHdvcmxk\n", BASE64)
    yield "base64-text-after", message("text/plain", "aGVsbG8=\n\n-- \nlist footer\n", BASE64)
    yield "base64-cut", message("text/plain", "aGVsbG8gd29ybGQgYWdha", BASE64)
    yield "base64-upper", message("text/plain", "aGVsbG8=", "Content-Transfer-Encoding: BASE64 ")
    yield "qp", message("text/plain; charset=utf-8", quopri.encodestring(TEXT.encode()), QP)
    yield "qp-soft", message("text/plain", "a=\nb= \nc=20\nd  \ne=", QP)
    yield "qp-bad", message("text/plain", "a=ZZ b=4 c== =e9", QP)
    yield "qp-lower", message("text/plain; charset=utf-8", "=c3=a9", QP)
    yield "uuencode", message("text/plain", "begin 644 x\n#86)C\n`\nend\n", "Content-Transfer-Encoding: x-uuencode")
    yield "unknown-encoding", message("text/plain", "hello", "Content-Transfer-Encoding: x-own")
    yield "nul", message("text/plain", b"a\0b\0\0c\n")
    yield "bom", message("text/plain; charset=utf-8", "\ufeff" + TEXT)
    yield "unlabelled-utf8", message("text/plain", TEXT)
    yield "unlabelled-1252", message("text/plain", TEXT.encode("cp1252"))
    yield "utf8-cut", message("text/plain; charset=utf-8", TEXT.encode() + b"\xc3")
    yield "unknown-charset", message("text/plain; charset=x-own", TEXT)
    yield "quoted-charset", message('text/plain; charset="\'utf-8\'"', TEXT)
    yield "html", message("text/html; charset=utf-8", "<p>Caf&eacute;</p>")
    yield "closed-early", mixed(PLAIN).replace(b"--=_b--\n", b"--=_b--\n--=_b\n" + PLAIN + b"\n--=_b--\n")
    yield "junk-in-header", crlf.replace(b"Subject: made", b"Subject: made\nwhich goes on")
    yield "same-boundary", mixed(part('multipart/alternative; boundary="=_b"', mixed_body("=_b")), PLAIN)
    for depth in (5, 20):
        inner = PLAIN
        for i in range(depth):
            b = b"b%d" % i
            inner = b'Content-Type: multipart/mixed; boundary="%s"\n\n--%s\n%s\n--%s--\n' % (b, b, inner, b)
        yield "deep-%d" % depth, inner


def mixed_body(boundary):
    b = boundary.encode()
    return b"--%s\n%s\n--%s\n%s\n--%s--\n" % (b, PLAIN, b, PLAIN, b)


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for name, data in made():
        with open(os.path.join(sys.argv[1], "made-%s.eml" % name), "wb") as f:
            f.write(data)
