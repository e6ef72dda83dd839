"""What is sent, what the next hop says, and the verdict that it must come to."""
import dataclasses

# Local part: where the next hop says it ("mail", "rcpt", "end"), and what.
REPLIES = {
    "gone": ("rcpt", "550 5.1.1 <{address}>: Recipient address rejected: User unknown"),
    "gone.\u00e9lodie": ("rcpt", "550 5.1.1 <{address}>: Recipient address rejected: User unknown"),
    "bare": ("rcpt", "550 No such user here"),
    "lines": ("rcpt", "550 5.1.1 There is no mailbox of this name here.\n"
              "550 5.1.1 Please look at the address once more, or see\n"
              "550 5.1.1 https://mail.example/help/no-such-user"),
    "inconnue": ("rcpt", "550 5.1.1 Adresse inconnue : cette bo\u00eete aux lettres n'existe pas"),
    "pleine": ("rcpt", "552 5.2.2 La boite aux lettres du destinataire est pleine"),
    "invalide": ("rcpt", "550 5.5.0 Adresse d'au moins un destinataire invalide. OFR_416 [416]"),
    "full": ("rcpt", "552 5.2.2 <{address}>: The mailbox is over its quota"),
    "fuller": ("rcpt", "452 4.2.2 <{address}>: The mailbox is full, try again later"),
    "fulls": ("end", "552 5.2.2 Mailbox full"),
    "disabled": ("rcpt", "550 5.2.1 <{address}>: This account has been disabled"),
    "moved": ("rcpt", "551 5.1.6 <{address}>: User has moved, please try <ana@new.example>"),
    "later": ("rcpt", "451 4.3.0 <{address}>: Temporary lookup failure"),
    "spam": ("end", "554 5.7.1 Message rejected as spam"),
    "virus": ("end", "554 5.7.1 A virus was found in the message"),
    "policy": ("end", "550 5.7.1 Message refused by local policy"),
    "blocked": ("rcpt", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
                "bl.example"),
    "nameless": ("rcpt", "550 5.7.25 Client host rejected: cannot find your reverse hostname, "
                 "[192.0.2.1]"),
    "dmarc": ("end", "550 5.7.26 Unauthenticated email from asso.example is not accepted due to "
              "its DMARC policy"),
    "closed": ("rcpt", "554 5.7.1 <{address}>: Relay access denied"),
    "sender": ("mail", "550 5.1.8 <returns@asso.example>: Sender address rejected: Domain not found"),
    "slow": ("mail", "421 4.7.0 Too many messages from [192.0.2.1], slow down"),
    "busy": ("mail", "421 4.7.0 Too many messages from [192.0.2.1], slow down"),
}
HOPS = {"hop.example": dict(offers=("DSN", "SMTPUTF8")), "plain.example": {},
        "small.example": dict(offers=("SIZE 200", "DSN")),
        "closed.example": dict(greeting="554 5.7.1 Service unavailable; Client host [192.0.2.1] "
                               "blocked using bl.example")}
FAIL, DELAY, DONE = "FAILURE", "DELAY", "SUCCESS"


@dataclasses.dataclass
class Row:
    """One recipient of a report."""
    address: str
    action: str
    status: str
    code: int | None
    reason: str


@dataclasses.dataclass
class Case:
    name: str
    kind: str
    rows: list
    to: list = None  # where it is not those of the rows
    notify: str = FAIL
    ret: str = "HDRS"
    quoted: bool = True  # the report holds the message, or its header
    envelope_id: bool = True  # the report tells
    part: int = 1  # of the reports that one letter brings, in their order

    def recipients(self):
        return self.to or [row.address for row in self.rows]


def failed(name, status, code, reason, address=None, **more):
    return Case(name, "failed", [Row(address or f"{name}@hop.example", "failed", status, code, reason)],
                **more)


def delayed(name, status, code, reason, address=None, **more):
    row = Row(address or f"{name}@hop.example", "delayed", status, code, reason)
    return Case(name, "delayed", [row], notify=DELAY, **more)


def done(name, kind, status, code, address, **more):
    return Case(name, kind, [Row(address, kind, status, code, "delivered")], notify=DONE, **more)


def absent(name, address):
    """An automatic reply: nothing became of the message, and nothing is reported."""
    return Case(name, "auto-reply", None, to=[address], notify="NEVER", quoted=False,
                envelope_id=False)


SEVERAL = [Row("gone@hop.example", "failed", "5.1.1", 550, "user-unknown"),
           Row("full@hop.example", "failed", "5.2.2", 552, "mailbox-full"),
           Row("blocked@hop.example", "failed", "5.7.1", 554, "ip-blocked")]


POSTFIX = [
    failed("gone", "5.1.1", 550, "user-unknown"),
    failed("bare", "5.0.0", 550, "user-unknown"),
    failed("lines", "5.1.1", 550, "user-unknown"),
    failed("inconnue", "5.1.1", 550, "user-unknown"),
    failed("pleine", "5.2.2", 552, "mailbox-full"),
    failed("invalide", "5.5.0", 550, "user-unknown"),
    failed("full", "5.2.2", 552, "mailbox-full"),
    failed("fulls", "5.2.2", 552, "mailbox-full"),
    failed("disabled", "5.2.1", 550, "mailbox-disabled"),
    failed("moved", "5.1.6", 551, "mailbox-moved"),
    failed("spam", "5.7.1", 554, "spam"),
    failed("virus", "5.7.1", 554, "virus"),
    failed("policy", "5.7.1", 550, "policy"),
    failed("blocked", "5.7.1", 554, "ip-blocked"),
    failed("nameless", "5.7.25", 550, "missing-ptr"),
    failed("dmarc", "5.7.26", 550, "auth-failure"),
    failed("closed", "5.7.1", 554, "relay-denied"),
    failed("sender", "5.1.8", 550, "sender-rejected", "sender@from.hop.example"),
    failed("toobig", "5.3.4", None, "message-too-big", "toobig@small.example"),
    failed("accented", "5.1.1", 550, "user-unknown", "gone.\u00e9lodie@hop.example"),
    failed("ascii", "5.6.7", None, "not-rfc", "\u00e9lodie@plain.example"),
    failed("stranger", "5.1.1", None, "user-unknown", "stranger@people.example"),
    failed("nomail", "5.1.0", None, "no-mail-here", "ana@nomail.example"),
    failed("nowhere", "5.4.4", None, "domain-unknown", "ana@nowhere.example"),
    failed("whole", "5.1.1", 550, "user-unknown", "gone@hop.example", ret="FULL"),
    Case("several", "failed", SEVERAL),
    # Given up after a while: the status stays the temporary one.
    failed("later", "4.3.0", 451, "system-error"),
    failed("fuller", "4.2.2", 452, "mailbox-full"),
    failed("dead", "4.4.1", None, "expired", "ana@dead.example"),
    failed("slow", "4.7.0", 421, "rate-limited", "slow@slow.hop.example"),
    delayed("still-later", "4.3.0", 451, "system-error", "later@hop.example"),
    delayed("still-full", "4.2.2", 452, "mailbox-full", "fuller@hop.example"),
    delayed("still-dead", "4.4.1", None, "expired", "ana@still.dead.example"),
    delayed("busy", "4.7.0", 421, "rate-limited", "busy@busy.hop.example"),
    delayed("broken", "4.4.3", None, "network", "ana@broken.example"),
    delayed("greeted", "4.7.1", 554, "ip-blocked", "ana@closed.example"),
    delayed("secret", "4.7.4", None, "tls-failed", "ana@secret.hop.example"),
    done("relayed", "relayed", "2.0.0", 250, "ana@plain.example"),
    done("delivered", "delivered", "2.0.0", None, "ana@people.example"),
    done("expanded", "expanded", "2.0.0", None, "both@people.example"),
]
DOVECOT = [
    failed("quota", "5.2.2", 552, "mailbox-full", "full@lists.people.example"),
    delayed("still-quota", "4.2.2", 452, "mailbox-full", "crammed@lists.people.example"),
    failed("unknown", "5.1.1", 550, "user-unknown", "unknown@lists.people.example"),
    # A Sieve script's refusal is written as a disposition notification (RFC 5429 section 2.2).
    failed("refuses", "5.0.0", None, "recipient-refused", "refuses@lists.people.example",
           envelope_id=False),
    done("stored", "relayed", "2.0.0", 250, "ana@lists.people.example"),
    absent("away", "away@lists.people.example"),
    absent("absente", "absente@lists.people.example"),
]
EXIM = [
    failed("gone", "5.1.1", 550, "user-unknown"),
    failed("lines", "5.1.1", 550, "user-unknown"),
    failed("inconnue", "5.1.1", 550, "user-unknown"),
    failed("full", "5.2.2", 552, "mailbox-full"),
    failed("spam", "5.7.1", 554, "spam"),
    failed("accented", "5.1.1", 550, "user-unknown", "gone.\u00e9lodie@hop.example"),
    failed("disabled", "5.2.1", 550, "mailbox-disabled"),
    failed("nowhere", "5.0.0", None, "domain-unknown", "ana@nowhere.example"),
    failed("nomail", "5.0.0", None, "no-mail-here", "ana@nomail.example"),
    failed("whole", "5.1.1", 550, "user-unknown", "gone@hop.example", ret="FULL"),
    Case("several", "failed", SEVERAL),
    failed("later", "4.3.0", 451, "system-error"),
    delayed("still-later", "4.3.0", 451, "system-error", "later@hop.example"),
    done("relayed", "delivered", "2.0.0", 250, "ana@plain.example"),  # as its Action says
    done("delivered", "delivered", "2.0.0", None, "ana@people.example"),
]
# It tells of delays whatever NOTIFY says, and has no Original-Envelope-Id.
OPENSMTPD = [dataclasses.replace(case, envelope_id=False) for case in (
    failed("gone", "5.1.1", 550, "user-unknown"),
    failed("lines", "5.1.1", 550, "user-unknown"),
    failed("full", "5.2.2", 552, "mailbox-full"),
    failed("spam", "5.7.1", 554, "spam"),
    failed("nowhere", "5.0.0", None, "domain-unknown", "ana@nowhere.example"),
    Case("several", "failed", SEVERAL),
    delayed("later", "4.3.0", 451, "system-error"),
    failed("later", "5.4.7", None, "expired", part=2),
    delayed("nomail", "4.0.0", None, "no-mail-here", "ana@nomail.example"),
    failed("nomail", "5.4.7", None, "expired", "ana@nomail.example", part=2),
    done("delivered", "delivered", "2.0.0", None, "ana@people.example"),
)]
BY = {"postfix": POSTFIX + DOVECOT, "exim": EXIM, "opensmtpd": OPENSMTPD}
