"""What mailboxes and providers send back by themselves, about a message that they took: it goes to
the sender of its envelope. (Dovecot's vacation, and whatever else follows RFC 3834, does not
answer a list; there are others.)"""
import email
import email.policy
import email.utils

ABSENCES = (
    ("Absence du bureau : {subject}", "Je suis absente jusqu'au 5 janvier, sans acc\u00e8s \u00e0 mes messages.",
     {"Auto-Submitted": "auto-replied"}),
    ("Out of Office: {subject}", "I am out of the office until 5 January and will answer then.",
     {"X-Auto-Response-Suppress": "All", "Auto-Submitted": "auto-generated"}),
    ("R\u00e9ponse automatique : {subject}", "Bonjour,\n\nJe suis en cong\u00e9s jusqu'au 5 janvier.",
     {"X-Autoreply": "yes", "Precedence": "bulk"}),
)


def parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.SMTP)


def started(author, to):
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = author, to
    message["Date"] = email.utils.localtime()
    message["Message-ID"] = email.utils.make_msgid(domain="hop.example")
    return message


def absence(nth, sender, member, raw):
    """The nth automatic answer: of a few kinds."""
    original = parsed(raw)
    subject, text, fields = ABSENCES[nth % len(ABSENCES)]
    message = started(member, sender)
    message["Subject"] = subject.format(subject=original["Subject"])
    message["In-Reply-To"] = message["References"] = original["Message-ID"]
    for name, value in fields.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


def complaint_address(nth, sender):
    local, _, domain = sender.partition("@")
    return f"{local.partition('+')[0]}@{domain}" if nth % 4 >= 2 else sender


def complaint(nth, sender, member, raw):
    """An abuse report (RFC 5965); every second one hides who complains, and every second two go
    to the address that a provider has on its file: the token is in what they hold only."""
    hidden = nth % 2 == 1
    fields = ["Feedback-Type: abuse", "User-Agent: Loop/1.0", "Version: 1",
              f"Original-Mail-From: <{sender}>", "Source-IP: 192.0.2.1",
              "Arrival-Date: " + email.utils.formatdate()]
    if hidden:
        raw = raw.replace(member.encode(), b"redacted@hop.example")
    else:
        fields.append(f"Original-Rcpt-To: <{member}>")
    edge = f"=_report{nth}"
    text = "\r\n".join((
        f"--{edge}", "Content-Type: text/plain; charset=us-ascii", "",
        "This is an email abuse report for a message received from 192.0.2.1.",
        f"--{edge}", "Content-Type: message/feedback-report", "", *fields, "",
        f"--{edge}", "Content-Type: message/rfc822", "", ""))
    message = started("feedback@hop.example", complaint_address(nth, sender))
    head = "".join(f"{name}: {value}\r\n" for name, value in message.items())
    head += ("Subject: FW: report of abuse\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report;"
             f" report-type=feedback-report;\r\n boundary=\"{edge}\"\r\n\r\n")
    return (head + text).encode() + raw + f"\r\n--{edge}--\r\n".encode()
