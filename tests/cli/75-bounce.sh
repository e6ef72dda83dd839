#!/bin/sh
# What comes back: read from a Maildir, tied by its token, acted upon, shown, decided, undone.
. "$ROOT/tests/cli/lib.sh"
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
facteur -q template add note templates/note.md 2>/dev/null
mkdir -p back/new back/cur back/tmp
cat >>facteur.yaml <<'Y'
mailboxes:
  back: {protocol: maildir, path: back}
Y
sed -i 's/^identity:/&\n  bounce_address: returns@asso.example\n  unsubscribe_address: leave@asso.example/' facteur.yaml
cat >answer.py <<'P'
"""answer.py KIND ADDRESS [FORGED]: puts what comes back to the message for ADDRESS into back/new."""
import email, glob, itertools, os, sys
kind, address = sys.argv[1:3]
forged = sys.argv[3] if len(sys.argv) > 3 else ""
for path in sorted(glob.glob("outbox/new/*")):
    raw = open(path, "rb").read()
    m = email.message_from_bytes(raw)
    if address in str(m["To"]):
        break
else:
    sys.exit("no message for " + address)
token = m["X-Facteur-Token"]
local = "returns+" + token
if forged == "none":
    local = "returns"
elif forged == "altered":
    local = local[:-1] + ("a" if local[-1] != "a" else "b")
header = raw.split(b"\n\n")[0].decode("utf-8", "replace").replace("\r", "")
if forged:
    header = "\n".join(l for l in header.split("\n") if not l.startswith(("X-Facteur-Token", "Message-ID")))
status = {"failed": "5.1.1", "full": "5.2.2", "delayed": "4.4.1", "delivered": "2.0.0"}
say = {"failed": "550 5.1.1 <%s>: Recipient address rejected: User unknown" % address,
       "full": "552 5.2.2 mailbox full, over quota", "delayed": "connect to mx.example: Connection timed out",
       "delivered": "250 2.0.0 Ok"}
date = "Thu, 26 Nov 2026 10:00:00 +0000"
if kind in status:
    action = {"full": "failed"}.get(kind, kind)
    text = f"""Return-Path: <>
Delivered-To: {local}@asso.example
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {local}@asso.example
Subject: Undelivered Mail Returned to Sender
Date: {date}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

This is the mail system at host mx.example.

<{address}>: {say[kind]}

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status[kind]}
Diagnostic-Code: smtp; {say[kind]}

--b1
Content-Type: text/rfc822-headers

{header}

--b1--
"""
elif kind == "complaint":
    text = f"""Return-Path: <fbl@isp.example>
From: fbl@isp.example
To: {local}@asso.example
Subject: Complaint
Date: {date}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b1"

--b1
Content-Type: text/plain

This is an email abuse report.

--b1
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: Test/1.0
Version: 1
Original-Mail-From: <{local}@asso.example>

--b1
Content-Type: message/rfc822

{header}

Bonjour
--b1--
"""
elif kind == "vacation":
    text = f"""Return-Path: <>
From: {address}
To: {local}@asso.example
Subject: Out of office: Re: {m['Subject']}
Date: {date}
Auto-Submitted: auto-replied (vacation)

I am away until Monday.
"""
elif kind == "person":
    text = f"""From: {address}
To: returns@asso.example
Subject: Question
Date: {date}

Where is the assembly this year?
"""
names = (f"back/new/{n}.t.example" for n in itertools.count(1))
name = next(n for n in names if not os.path.exists(n) and not glob.glob(n.replace("new", "cur") + "*"))
open(name, "w").write(text)
print("# " + name)
P
answer() {
	python3 answer.py "$@"
}
facteur -q send --to membres --template newsletter --yes --expect-count 24 || exit 1

it 'nothing came back yet'
expect_err_like 0 'Nothing came back so far' facteur bounce list
out_unlike .
expect_code 0 facteur bounce review
out_unlike .
it 'a mailbox that is not in the configuration'
expect_err_like 64 'no mailbox "bakc" in the configuration; did you mean "back"' facteur bounce fetch bakc

it 'all kinds at once'
answer failed ana.ruiz@example.org
answer full paul.dupont@example.net
answer delayed paul.dupont@example.net
answer vacation paul.dupont@example.net
answer person paul.dupont@example.net
expect_code 0 facteur bounce fetch --json
json_is mailbox back
json_is read 5
json_is kinds.failed 2
json_is kinds.delayed 1
json_is kinds.auto-reply 1
json_is suppressed 1
it 'again: nothing new'
expect_code 0 facteur bounce fetch --json
json_is read 0
it 'the report counts them, and accepted stays what the relay said'
expect_code 0 facteur report 1 --json
json_is totals.accepted 24
json_is totals.bounced 2
json_is totals.complained 0
it 'the report in words'
expect_code 0 facteur report 1
out_like '^  of them came back +2$'
out_like '^bounced +the address does not exist +1 '
out_like '^bounced +the mailbox is full +1 '
it 'the list in words: a reason only where there is one, and what is still tried is not given up'
expect_code 0 facteur bounce list
out_like ' failed +ana.ruiz@example.org +the address does not exist$'
out_like ' delayed +paul.dupont@example.net +no answer in time$'
out_like ' automatic +paul.dupont@example.net +-$'
expect_err_like 0 'These are the newest 2; with -n 0 all are shown' facteur bounce list -n 2
it 'who does not exist is never mailed again; a full mailbox is'
expect_code 0 facteur suppress list
out_like '	ana.ruiz@example.org	the address does not exist \(campaign 1, facteur bounce show [0-9]+\)'
out_unlike 'paul.dupont'
it 'one of them in plain words'
number=$(facteur suppress list --json | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["returned"])')
expect_code 0 facteur bounce show "$number"
out_like '^ana.ruiz@example.org$'
out_like 'the address does not exist \(user-unknown; permanent\)'
out_like '"User unknown"'
out_like '^Token: +valid'
out_like '^  Done: +the address is never mailed again$'
it 'suppress remove undoes it, and the same failure does not do it again'
expect_code 0 facteur suppress remove ana.ruiz@example.org
answer failed ana.ruiz@example.org
expect_code 0 facteur bounce fetch --json
json_is suppressed 0
expect_err_like 0 'Everybody may be mailed' facteur suppress list

it 'what bears no valid token does nothing by itself'
answer failed paul.dupont@example.net none
answer failed paul.dupont@example.net altered
expect_code 0 facteur bounce fetch --json
json_is read 2
json_is suppressed 0
json_is tied 0
json_is proposed 2
it 'it is proposed'
expect_code 0 facteur bounce review --json
json_is reason user-unknown
number=$(json id)
it 'and done when somebody says so'
expect_code 0 facteur bounce review --accept "$number"
expect_code 0 facteur suppress list
out_like 'paul.dupont@example.net	the address does not exist'
expect_err_like 0 'Nothing about' facteur bounce review --accept "$number"
it 'or dismissed'
number=$(facteur bounce review --json | python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["id"])')
expect_code 0 facteur bounce review --dismiss "$number"
expect_err_like 0 'Nothing waits' facteur bounce review

it 'one message on standard input, as an alias of a mail server'
file=$(answer complaint paul.dupont@example.net)
file=${file#"# "}
(printf 'From x@y.example Thu Nov 26 10:00:00 2026\n'; cat "$file") >one.eml
rm "$file"
run sh -c '"$FACTEUR" bounce fetch - --json <one.eml'
code_is 0
json_is read 1
json_is kinds.complaint 1
json_is unsubscribed 1
run sh -c '"$FACTEUR" bounce fetch - --json <one.eml'
json_is read 0
json_is again 1
expect_code 0 facteur report 1 --json
json_is totals.complained 1
it 'nothing on standard input'
expect_err_like 65 'no message came' facteur bounce fetch -
it 'the list of what came back, as JSON'
expect_code 0 facteur bounce list --json
json_is schema 1
json_is recipients.0.address ana.ruiz@example.org
json_is token.valid true
it 'a number of nothing'
expect_err_like 66 'nothing that came back has the number 999' facteur bounce show 999
it 'the log of events is whole'
ok facteur audit verify

it 'what is understood is moved by kind, a question of a person stays'
cat >>facteur.yaml <<'Y'
  sorted: {protocol: maildir, path: sorted, move: {bounce: Bounces, auto-reply: Absences}}
Y
mkdir -p sorted/new sorted/cur sorted/tmp
answer failed ana.ruiz@example.org
answer vacation ana.ruiz@example.org
answer person ana.ruiz@example.org
find back/new back/cur -type f -newer one.eml -exec mv {} sorted/new/ \;
expect_code 0 facteur bounce fetch sorted --json
json_is read 3
expect_out 1 sh -c 'find sorted/.Bounces -type f | grep -c example'
expect_out 1 sh -c 'find sorted/.Absences -type f | grep -c example'
expect_out 1 sh -c 'find sorted/new sorted/cur -type f | grep -c example'

it 'who asks to leave is asked whether it was him, once'
leave() {
	printf 'Return-Path: <%s>\nFrom: %s\nTo: contact@asso.example\nSubject: unsubscribe\nMessage-ID: <%s@mail.example>\n%s\nunsubscribe\n' \
		"$1" "$1" "$2" "$3" >back/new/"$2".t.example
}
: >before
leave marie-eve.chateau@example.net ask1 ''
leave marie-eve.chateau@example.net ask2 ''
leave francois.dangelo@example.org ask3 'Auto-Submitted: auto-replied
'
expect_code 0 facteur bounce fetch back
err_like 'marie-eve.chateau@example.net wants to leave, and is asked whether that is so'
find outbox/new -type f -newer before >questions
expect_out 1 sh -c 'wc -l <questions'
question=$(cat questions)
ok grep -q '^Auto-Submitted: auto-replied' "$question"
ok grep -q '^In-Reply-To: <ask[12]@mail.example>' "$question"
ok grep -q '^To: marie-eve.chateau@example.net' "$question"
expect_code 0 facteur list export membres --format csv
out_like 'marie-eve.chateau'
it 'the answer takes her off the list'
to=$(sed -n 's/^Reply-To: //p' "$question")
printf 'From: marie-eve.chateau@example.net\nTo: %s\nSubject: Re: Quitter\n\nOui\n' "$to" >back/new/yes.t.example
expect_code 0 facteur bounce fetch back --json
json_is unsubscribed 1
json_is kinds.unsubscribe 1
expect_code 0 facteur list export membres --format csv
out_unlike 'marie-eve.chateau'
it 'the link of the message itself takes off at once'
link=$(grep -l -r '^To:.*noel.besnard@example.com' outbox/new | head -1)
token=$(grep -A3 '^List-Unsubscribe:' "$link" | tr -d '\n' | sed -n 's/.*unsubscribe%20\(u[a-z2-7]*\).*/\1/p' | head -1)
printf 'From: somebody@else.example\nTo: leave@asso.example\nSubject: unsubscribe %s\n\n' "$token" >back/new/link.t.example
expect_code 0 facteur bounce fetch back --json
json_is unsubscribed 1

if ! python3 -c 'import aiosmtpd' 2>/dev/null; then
	skip 'a question through a relay' 'no aiosmtpd here'
	exit 0
fi
cat >relay.py <<'P'
import asyncio, sys
from aiosmtpd.controller import Controller

class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("noel."):
            return "550 5.7.1 not now"
        envelope.rcpt_tos.append(address)
        return "250 OK"
    async def handle_DATA(self, server, session, envelope):
        with open("kept", "a") as out:
            print("from", envelope.mail_from or "<>", "to", *envelope.rcpt_tos, file=out)
            out.write(envelope.content.decode())
        return "250 2.0.0 taken"

c = Controller(Keeper(), hostname="127.0.0.1", port=int(sys.argv[1]))
c.start()
asyncio.new_event_loop().run_forever()
P
port=$(free_port)
start relay python3 relay.py "$port"
wait_port "$port"
sed -i "s/^  outbox: .*/&\n  real: {type: smtp, host: 127.0.0.1, port: $port, tls: none}/" facteur.yaml
it 'where nobody may be mailed the wish is only shown'
leave zoe.lefevre@example.org ask4 ''
expect_code 0 facteur bounce fetch back --set default_relay=real
err_like 'zoe.lefevre@example.org wants to leave; nobody is asked'
no test -e kept
export FACTEUR_SAFETY_LIVE=true
it 'through a relay: with the null return path'
leave aicha.benali@example.com ask5 ''
expect_code 0 facteur bounce fetch back --set default_relay=real
err_like 'aicha.benali@example.com wants to leave, and is asked'
ok grep -q '^from <> to aicha.benali@example.com$' kept
ok grep -q '^Reply-To: returns+c[a-z2-7]*@asso.example' kept
it 'what the relay refuses is told, and waits in the review'
leave noel.besnard@example.com ask6 ''
expect_code 0 facteur bounce fetch back --set default_relay=real
err_like 'could not be asked whether that is so: relay real: the relay refused it: .*not now'
expect_code 0 facteur bounce review
out_like 'noel.besnard@example.com +the member asked to leave +take off the list; no valid token'
it 'the log of events is still whole'
ok facteur audit verify

it 'what fails for another reason than the message is tried again by the mail server'
cp facteur.yaml kept.yaml
echo 'nonsense: 1' >>facteur.yaml
with_input 'Subject: x'
expect_err_like 75 'not a known setting' facteur bounce fetch -
it 'the same said to a person is what it is'
expect_code 78 facteur bounce fetch back
mv kept.yaml facteur.yaml
it 'the database is not there'
mv facteur.db away.db
with_input 'Subject: x'
expect_err_like 75 'there is no database' facteur bounce fetch -
mv away.db facteur.db
it 'keys that others can read'
chmod 644 facteur.keys
with_input 'Subject: x'
expect_err_like 75 'can be used by others' facteur bounce fetch -
chmod 600 facteur.keys
it 'keys that are lost: what comes back waits for them, for it would never be judged again'
mv facteur.keys away.keys
with_input 'Subject: x'
expect_err_like 75 'facteur.keys is not there' facteur bounce fetch -
expect_code 78 facteur bounce fetch back
mv away.keys facteur.keys
it 'no message at all is not tried again'
expect_code 65 facteur bounce fetch -

it 'a new address that anybody may have written is told apart'
printf 'Return-Path: <>\nFrom: paul.dupont@example.net\nTo: returns@asso.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nMy address has changed. Please note my new email address: evil@evil.example\n' >moved.eml
run sh -c '"$FACTEUR" bounce fetch - --json <moved.eml'
json_is proposed 1
run facteur bounce review
out_like 'new address; no valid token +evil@evil.example'
