# What messages that came back say: bounce parse and bounce show, from every kind of source.
. "$ROOT/tests/cli/lib.sh"
cp "$ROOT"/tests/data/bounces/*.eml .

it 'a line for each recipient'
expect_out - facteur bounce parse exim.eml <<'O'
exim.eml: ana@example.org: not delivered: the address does not exist (5.0.0)
exim.eml: ben@example.com: not delivered: the domain does not exist (5.0.0)
O
it 'a message without a recipient says what it is'
expect_out 'vacation.eml: an automatic reply' facteur bounce parse vacation.eml

it 'JSON, absent facts null'
run facteur bounce parse --json qmail.eml
code_is 0
json_is schema 1
json_is file qmail.eml
json_is kind failed
json_is recipients.0.address ana@example.org
json_is recipients.0.status 5.7.1
json_is recipients.0.reply_code 554
json_is recipients.0.reason ip-blocked
json_is recipients.0.permanence none
json_is original.message_id three@example.net
out_like '"remote_mta": ?null'

it 'from stdin'
run facteur bounce parse --json - <sieve-reject.eml
code_is 0
json_is file -

it 'a folder, in the order of the names'
mkdir folder && cp exim.eml folder/b.eml && cp vacation.eml folder/a.eml
expect_out - facteur bounce parse folder <<'O'
folder/a.eml: an automatic reply
folder/b.eml: ana@example.org: not delivered: the address does not exist (5.0.0)
folder/b.eml: ben@example.com: not delivered: the domain does not exist (5.0.0)
O

it 'a Maildir: new and cur'
mkdir -p box/new box/cur box/tmp && cp vacation.eml box/new/1 && cp unsubscribe.eml box/cur/2:2,S
cp person.eml box/tmp/3
expect_out - facteur bounce parse box <<'O'
box/new/1: an automatic reply
box/cur/2:2,S: a wish to be left out
O

it 'an mbox: each of its messages'
for message in vacation unsubscribe; do
	printf 'From ana@example.org Thu Nov 26 12:00:00 2026\n'
	cat $message.eml
	echo
done >mbox
expect_out - facteur bounce parse mbox <<'O'
mbox: an automatic reply
mbox: a wish to be left out
O

it 'show: the evidence, with the line and the rule'
run facteur bounce show postfix.eml
code_is 0
out_like '^postfix.eml: not delivered'
out_like 'rule user.no-such-user \(95 % sure\), in message/delivery-status, line 31'
out_like 'rule field.original-recipient \(99 % sure\), in message/delivery-status, line 27'
out_like 'It is about the message: one@example.net'

it 'no such file'
expect_err_like 66 'nowhere' facteur bounce parse nowhere
