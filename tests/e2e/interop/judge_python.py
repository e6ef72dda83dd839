"""Reads the messages of DIR with Python's email package (policy strict) and
compares what it sees with expected.ndjson. Prints one line for each difference
and, last, "python: N passed, N failed"."""
import email
import email.header
import email.policy
import email.utils
import json
import pathlib
import sys


def defects(message):
    found = []
    for part in message.walk():
        found += part.defects
        for name in part.keys():
            found += getattr(part[name], "defects", ())
    return found


def mailbox(message, field):
    (address,) = message[field].addresses
    return address


def name(raw, field):
    """The display name by the older functions of the package: the newer ones
    (Python 3.11) keep the blank between two encoded words of a name, against
    RFC 2047 6.2, and make one blank of several."""
    value = raw[field].replace("\r\n", "")
    encoded = email.utils.parseaddr(value)[0]
    return str(email.header.make_header(email.header.decode_header(encoded)))


def body(message, subtype):
    part = message.get_body((subtype,))
    return None if part is None else part.get_payload(decode=True).decode("utf-8")


def differences(message, raw, want):
    if defects(message):
        yield "defects", defects(message), []
    names = {"From": ("from_name", "contact@asso.example"),
             "To": ("to_name", "ana@example.org"),
             "Reply-To": ("reply_name", "bureau@asso.example")}
    if "to_name" not in want:  # blind copies: To: names nobody
        del names["To"]
        if message["To"].addresses or message["To"] != "undisclosed-recipients:;":
            yield "To", message["To"], "nobody"
    for field, (key, address) in names.items():
        got = mailbox(message, field)
        if name(raw, field) != want[key]:
            yield field, name(raw, field), want[key]
        if got.addr_spec != address:
            yield field, got.addr_spec, address
    if message["Subject"] != want["subject"]:
        yield "Subject", message["Subject"], want["subject"]
    if int(message["Date"].datetime.timestamp()) != want["date"]:
        yield "Date", message["Date"], want["date"]
    for subtype, key in (("plain", "text"), ("html", "html")):
        if body(message, subtype) != want.get(key):
            yield key, body(message, subtype), want.get(key)
    if "Bcc" in message or "Cc" in message:
        yield "fields", message.keys(), "neither Bcc nor Cc"


def main(folder):
    passed = failed = 0
    for line in (folder / "expected.ndjson").read_text("utf-8").splitlines():
        want = json.loads(line)
        raw = (folder / want["file"]).read_bytes()
        try:
            message = email.message_from_bytes(raw, policy=email.policy.strict)
            plain = email.message_from_bytes(raw, policy=email.policy.compat32)
            wrong = list(differences(message, plain, want))
        except Exception as problem:
            wrong = [("exception", repr(problem), None)]
        for what, got, expected in wrong:
            print(f"python: {want['file']}: {what}: {got!r}, not {expected!r}"[:600])
        passed += not wrong
        failed += bool(wrong)
    print(f"python: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
