#!/bin/sh
# A rehearsal that comes back: the address that all mail went to does not exist. It costs no
# member anything, though the configuration was set right before the mailbox was read.
. "$ROOT/tests/cli/lib.sh"
need python3
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
mkdir -p back/new back/cur back/tmp
cat >>facteur.yaml <<'Y'
mailboxes:
  back: {protocol: maildir, path: back}
Y
sed -i 's/^identity:/&\n  bounce_address: returns@asso.example\n  unsubscribe_address: leave@asso.example/' facteur.yaml
facteur -q send --to membres --template newsletter --yes --expect-count 24 \
	--set safety.redirect_all_to=typo@nowhere.example 2>/dev/null || exit 1
cat >answers.py <<'P'
"""Each message comes back: naming the address of the rehearsal, or nobody, or as a complaint."""
import email
import glob
import re

for n, path in enumerate(sorted(glob.glob("outbox/new/*"))):
    raw = open(path, "rb").read()
    message = email.message_from_bytes(raw)
    token = message["X-Facteur-Token"]
    head = raw.split(b"\n\n")[0].decode("utf-8", "replace").replace("\r", "")
    kind = n % 4
    if kind == 3:
        leave = re.search(r"subject=unsubscribe%20(\w+)", message["List-Unsubscribe"])[1]
        text = f"From: tester@asso.example\nTo: leave@asso.example\nSubject: unsubscribe {leave}\n\n"
    else:
        report = ("Feedback-Type: abuse\nUser-Agent: T/1\nVersion: 1\n" if kind == 2 else
                  "Reporting-MTA: dns; mx.example\n\n" +
                  ("Final-Recipient: rfc822; typo@nowhere.example\n" if kind == 0 else "") +
                  "Action: failed\nStatus: 5.1.1\n"
                  "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n")
        name = "feedback-report" if kind == 2 else "delivery-status"
        text = f"""Return-Path: <>
From: MAILER-DAEMON@mx.example
To: returns+{token}@asso.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type={name}; boundary="b"

--b
Content-Type: text/plain

User unknown.

--b
Content-Type: message/{name}

{report}
--b
Content-Type: text/rfc822-headers

{head}

--b--
"""
    open(f"back/new/{n}.t", "w").write(text)
P
python3 answers.py

it 'all of it is read, and does nothing'
expect_code 0 facteur bounce fetch --json
json_is read 24
json_is suppressed 0
json_is unsubscribed 0
it 'nobody is suppressed'
run facteur suppress list
code_is 0
out_unlike '@'
it 'nothing of it is in the numbers'
run facteur report 1 --json
out_like '"bounced": ?0'
out_like '"complained": ?0'
it 'whoever wants to leave is for somebody to look at'
run facteur bounce review
out_like 'take off the list'
out_unlike 'suppress'
