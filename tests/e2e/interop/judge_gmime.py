"""The same with GMime, through its Python binding: "gmime: N passed, N failed"."""
import json
import pathlib
import sys

import gi

gi.require_version("GMime", "3.0")
from gi.repository import GMime  # noqa: E402


def parts(entity):
    if isinstance(entity, GMime.Multipart):
        for i in range(entity.get_count()):
            yield from parts(entity.get_part(i))
    else:
        yield entity


def body(message, subtype):
    for part in parts(message.get_mime_part()):
        if part.get_content_type().is_type("text", subtype):
            out = GMime.StreamMem.new()
            part.get_content().write_to_stream(out)
            return bytes(out.get_byte_array()).decode("utf-8")
    return None


def differences(message, want):
    fields = (("from", message.get_from(), "from_name", "contact@asso.example"),
              ("to", message.get_to(), "to_name", "ana@example.org"),
              ("reply-to", message.get_reply_to(), "reply_name", "bureau@asso.example"))
    for what, boxes, key, address in fields:
        if key not in want:  # blind copies: a group of nobody
            group = boxes.get_address(0)
            if boxes.length() != 1 or group.get_members().length() != 0:
                yield what, boxes.to_string(None, False), "nobody"
            continue
        if boxes.length() != 1:
            yield what, boxes.length(), 1
            continue
        box = boxes.get_address(0)
        if (box.get_name() or "") != want[key]:
            yield what, box.get_name(), want[key]
        if box.get_addr() != address:
            yield what, box.get_addr(), address
    if message.get_subject() != want["subject"]:
        yield "subject", message.get_subject(), want["subject"]
    if message.get_date().to_unix() != want["date"]:
        yield "date", message.get_date().to_unix(), want["date"]
    for subtype, key in (("plain", "text"), ("html", "html")):
        if body(message, subtype) != want.get(key):
            yield key, body(message, subtype), want.get(key)


def main(folder):
    passed = failed = 0
    GMime.init()
    for line in (folder / "expected.ndjson").read_text("utf-8").splitlines():
        want = json.loads(line)
        stream = GMime.StreamMem.new_with_buffer((folder / want["file"]).read_bytes())
        message = GMime.Parser.new_with_stream(stream).construct_message(None)
        wrong = list(differences(message, want))
        for what, got, expected in wrong:
            print(f"gmime: {want['file']}: {what}: {got!r}, not {expected!r}"[:600])
        passed += not wrong
        failed += bool(wrong)
    print(f"gmime: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


sys.exit(main(pathlib.Path(sys.argv[1])))
