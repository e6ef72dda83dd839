"""Why others read some messages otherwise, and why ours is right.

EXPLAINED[judge][message] names a rule; a message is the number of one of the real ones or the name of
one of made.py. The judge fails on a difference without a row and on a row without a difference.
"""

RULES = {
    "anything-but-a-field": "a line that is no field is none of the body while fields follow: text does not "
                            "turn into header, but relays break long fields without a blank",
    "no-blank": "a message whose header ends without an empty line has a body all the same",
    "blank-first": "an empty line before the first field is none of the writer's: a message has a header",
    "mbox": "\"From \" and \">From \" come from an mbox, and are no end of a header",
    "space-colon": "blanks before the colon are obsolete, not wrong (RFC 5322 4.5)",
    "guess": "no boundary is named, or one that is never used: a line of two dashes that a field of a part "
             "follows can be nothing else",
    "tolerant-boundary": "a boundary that is half quoted or has a comment after it is the one that was meant",
    "early-boundary": "the boundary of a multipart ends its header where the empty line is missing",
    "innermost": "a boundary belongs to the innermost open multipart that has it; none is named twice by a "
                 "writer that means two",
    "closed-early": "parts after a closing boundary were written to be read",
    "encoded-message": "a message in base64 or quoted-printable is forbidden (RFC 2046 5.2.1) and read anyway",
    "no-message": "message/partial, external-body: the first holds a message, the second only names one",
    "body-only": "a message without any field has a body; GMime takes it for a header",
    "unreadable": "GMime reads no message at all where the first line is no field",
    "line-ends": "CR, CRLF and CRCRLF end a line, mixed as well",
    "type": "what is no type means text/plain (RFC 2045 5.2)",
    "first-field": "of two fields that may come once, the first counts",
    "qp-blanks": "blanks at the end of a line were added on the way (RFC 2045 6.7 rule 3)",
    "qp-soft": "a soft line break may have blanks after it (the same rule)",
    "qp-equals": "a \"=\" that begins no code stands for itself (RFC 2045 6.7)",
    "base64": "signs that are not of the alphabet are passed over, and what remains is read, cut or joined "
              "(RFC 2045 6.8)",
    "encoding-name": "the name of an encoding is not case-sensitive, and blanks around it are no part of it",
    "uuencode": "uuencode is left as it stands: its file is an attachment",
    "label": "charsets of seven bits have no octets of eight: the label is wrong, and UTF-8 or EUC-JP it is",
    "identity": "an encoding that is none changes nothing",
    "extended": "of two names the one with a charset counts (RFC 6266 4.3)",
}

SAME = {
    "0050": "guess", "0171": "qp-blanks", "0196": "label", "0152": "label", "0920": "label", "0948": "label",
    "0249": "anything-but-a-field",
    "0250": "guess", "0251": "guess", "0253": "guess", "0470": "blank-first", "0472": "blank-first",
    "0572": "guess", "0963": "guess", "1109": "qp-blanks", "1166": "uuencode", "1198": "guess",
    "1207": "innermost", "1225": "encoded-message", "1211": "type",
    "made-base64-joined": "base64", "made-blank-first": "blank-first", "made-closed-early": "closed-early",
    "made-crcrlf": "line-ends", "made-half-quoted": "tolerant-boundary", "made-no-boundary": "guess",
    "made-qp-soft": "qp-soft", "made-rfc822-base64": "encoded-message", "made-rfc822-qp": "encoded-message",
    "made-rfc822-early-blank": "blank-first", "made-uuencode": "uuencode", "made-wrong-boundary": "guess",
}

EXPLAINED = {
    "python": SAME | {
        "0816": "guess", "1008": "anything-but-a-field", "1029": "base64",
        "1082": "anything-but-a-field", "1127": "anything-but-a-field", "1218": "no-message",
        "1230": "encoding-name",
        "made-name-both": "extended", "made-base64-cut": "base64", "made-base64-upper": "encoding-name", "made-comment": "tolerant-boundary",
        "made-external": "no-message", "made-junk-in-header": "anything-but-a-field",
        "made-mbox-inside": "mbox", "made-mbox-quoted": "mbox", "made-no-semicolon": "type",
        "made-qp-bad": "qp-equals", "made-same-boundary": "innermost", "made-space-colon": "space-colon",
        "made-type-comment": "type",
    },
    "gmime": SAME | {
        "0016": "body-only", "0650": "body-only", "0651": "body-only", "0658": "body-only",
        "0671": "body-only", "0672": "body-only", "0682": "body-only", "0696": "body-only",
        "0706": "body-only", "0708": "body-only", "0712": "body-only", "0719": "body-only",
        "0726": "body-only", "1057": "body-only", "1058": "body-only",
        "1008": "unreadable", "1028": "unreadable", "1029": "unreadable", "1201": "early-boundary",
        "1214": "first-field", "1228": "identity",
        "made-bad-type": "type", "made-bad-type-2": "type", "made-base64-broken": "base64",
        "made-cr": "line-ends", "made-empty": "unreadable", "made-mixed-ends": "line-ends",
        "made-no-blank": "no-blank", "made-part-text-only": "no-blank", "made-partial": "no-message",
        "made-two-types": "first-field",
    },
}
