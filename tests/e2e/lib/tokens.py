"""The tokens of messages, made and read anew from the keys of a folder: what facteur writes has
to be what src/mail/token.h promises."""
import base64
import email
import hashlib
import hmac
import pathlib
import re

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
PURPOSES = {"r": "return", "u": "unsubscribe", "c": "confirm", "m": "message"}


def keys(folder):
    """As bytes, the newest first."""
    lines = (pathlib.Path(folder) / "facteur.keys").read_text().splitlines()
    return [bytes.fromhex(line.split()[1]) for line in lines if line and line[0] != "#"]


def number(text):
    """The number that text begins with, and what follows it."""
    n = 0
    for i, char in enumerate(text):
        digit = ALPHABET.index(char)
        n = n * 16 + digit % 16
        if digit < 16:
            return n, text[i + 1:]
    raise ValueError("a number without an end")


def read(token, secrets):
    """(purpose, campaign, contact), or None where it is of none of these keys."""
    for key in secrets:
        own = hashlib.sha256(b"facteur token key" + key).digest()[0] >> 3
        made = hmac.digest(key, b"facteur token 1:" + token[:-16].encode(), "sha256")[:10]
        if token[1] == ALPHABET[own] and token[-16:] == base64.b32encode(made).decode().lower():
            campaign, rest = number(token[2:-16])
            contact, rest = number(rest)
            return None if rest else (PURPOSES[token[0]], campaign, contact)
    return None


def plain(sender):
    """A return address without its token."""
    return re.sub(r"\+r[a-z2-7]{19,43}@", "@", sender)


def of_message(sender, raw):
    """Of return address, Message-ID, our field, and what unsubscribes; None where there is none."""
    message = email.message_from_bytes(raw)
    found = (re.search(r"\+(\w+)@", sender),
             re.search(r"<(\w+)\.[a-z2-7]{16}@[\w.-]+>", message["Message-ID"]),
             re.fullmatch(r"(\w+)", message["X-Facteur-Token"] or ""),
             re.search(r"subject=unsubscribe%20(\w+)>", message["List-Unsubscribe"] or ""))
    return [hit and hit[1] for hit in found]


def facts(sender, raw, secrets):
    """What they say, each token once: {(purpose, campaign, contact)}, None for a bad one."""
    first, named, field, leave = of_message(sender, raw)
    if field != first:
        return {("they differ", first, field)}
    return {read(token, secrets) for token in (first, named, leave) if token}
