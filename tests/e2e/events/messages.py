"""What Mailjet would tell of the messages that the relay took: messages.py ACCEPTED FILLING.

ACCEPTED is accepted.ndjson of smtpd.py. Each of the first recipients has a fate of its own, the
others were reached; FILLING messages of somebody else's stand before them. JSON on stdout."""
import json
import sys

# 18 and 19 digits: no double can tell these numbers apart.
FIRST, LONG = 576460755523432550, 9223372036854775807
FATES = [("hardbounced", 1, True), ("softbounced", 3, False), ("blocked", 9, True), ("spam", 0, False),
         ("unsub", 0, False), ("deferred", 0, False), ("bounce", 2, True), ("opened", 0, False)]


def message(number, status, state, permanent, address, custom):
    return {"ArrivedAt": "2026-11-20T10:00:00Z", "AttachmentCount": 0, "ContactAlt": address,
            "ContactID": 7, "CustomID": custom, "ID": number, "StateID": state,
            "StatePermanent": permanent, "Status": status, "SpamassassinScore": 0.25,
            "UUID": f"u{number}"}


messages = [message(FIRST + i, "clicked", 0, False, f"other{i}@example.net", "")
            for i in range(int(sys.argv[2]))]
with open(sys.argv[1], encoding="utf-8") as accepted:
    for i, line in enumerate(accepted):
        taken = json.loads(line)
        token = next(field.split(": ")[1] for field in taken["data"].split("\r\n")
                     if field.startswith("X-MJ-CustomID: "))
        address = taken["rcpts"][0]
        messages.append(message(LONG - i, *(FATES[i] if i < len(FATES) else ("sent", 0, False)),
                                address, token))
print(json.dumps(messages))
