"""A thousand members, and what becomes of the letter to each."""
import random
from collections import Counter

# What the next hop says; a member's local part is a name of these and a number.
RULES = {
    "gone": ("rcpt", "550 5.1.1 <{address}>: Recipient address rejected: User unknown"),
    "full": ("rcpt", "552 5.2.2 <{address}>: The mailbox is over its quota"),
    "spam": ("end", "554 5.7.1 Message rejected as spam"),
    "policy": ("end", "550 5.7.1 Message refused by local policy"),
    "later": ("rcpt", "451 4.3.0 <{address}>: Temporary lookup failure"),
}
# Name: members, their domain. Those of "nowhere" have one each, which does not exist; "refused"
# are refused to facteur's face by the relay; "away" answer by themselves, "cross" complain;
# "local" have their mailbox at the relay, which tells that it delivered.
MIX = {
    "member": (460, "hop.example"),
    "local": (100, "people.example"),
    "gone": (120, "hop.example"),
    "full": (60, "hop.example"),
    "nowhere": (40, "nowhere{n}.example"),
    "spam": (30, "hop.example"),
    "policy": (20, "hop.example"),
    "later": (60, "hop.example"),
    "away": (30, "hop.example"),
    "cross": (20, "hop.example"),
    "refused": (60, "hop.example"),
}
COUNT = {name: n for name, (n, _) in MIX.items()}
TOTAL = sum(COUNT.values())
# By what the relay reports: failures, and delays.
BOUNCED = {"gone": "user-unknown", "full": "mailbox-full", "nowhere": "domain-unknown",
           "spam": "spam", "policy": "policy"}
# What the campaign says in the end of who was accepted: how it went on, and why.
LATER = {**{name: ("bounced", reason) for name, reason in BOUNCED.items()},
         "local": ("delivered", None), "cross": ("complained", "complaint")}
KINDS = Counter({"failed": sum(COUNT[name] for name in BOUNCED), "delayed": COUNT["later"],
                 "auto-reply": COUNT["away"], "complaint": COUNT["cross"],
                 "delivered": COUNT["local"]})
# Where the messages are moved, by kind.
FOLDERS = {".Facteur.Bounces": KINDS["failed"] + KINDS["delayed"] + KINDS["delivered"],
           ".Facteur.Absences": KINDS["auto-reply"], ".Facteur.Complaints": KINDS["complaint"]}
TAKEN = sum(COUNT[name] for name in ("member", "away", "cross"))
# Whoever is not to be written to again: the address does not exist, or its owner complained.
SUPPRESSED = ("gone", "nowhere", "refused", "cross")


def members():
    """[(address, name)], mixed, the same each time."""
    out = [(f"{name}{n:03}@{domain.format(n=n)}", "Zo\u00e9") for name, (count, domain) in MIX.items()
           for n in range(count)]
    random.Random(4).shuffle(out)
    return out


def sort_of(address):
    return address.partition("@")[0].rstrip("0123456789")
