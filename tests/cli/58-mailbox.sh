#!/bin/sh
# mailbox list and test without a server: the way to servers is in tests/e2e/fetch.
. "$ROOT/tests/cli/lib.sh"
cat >facteur.yaml <<'Y'
identity: {bounce_address: returns@asso.example}
mailboxes:
  returns: {preset: orange, username: returns@orange.example, password_env: SECRET}
  box: {protocol: maildir, path: box}
  file: {protocol: mbox, path: mail}
  none: {protocol: maildir, path: no/such}
  text: {protocol: mbox, path: facteur.yaml}
Y
mkdir -p box/new box/cur box/tmp
printf 'Subject: a\n\nb\n' >box/new/1.test
printf 'From a@example.org Thu Nov 26 10:00:00 2026\nSubject: a\n\nb\n' >mail

it 'the mailboxes there are'
expect_code 0 facteur mailbox list
out_like '^returns +imap +imap.orange.fr +INBOX'
out_like '^box +maildir +.*box'
it 'as JSON'
expect_code 0 facteur mailbox list --json
json_is schema 1
json_is mailboxes.0.name returns
json_is mailboxes.0.port 993
json_is mailboxes.0.tls implicit
json_is mailboxes.1.protocol maildir
out_unlike SECRET
it "none at all"
: >empty.yaml
expect_err_like 0 'no mailbox in the configuration' facteur -c empty.yaml mailbox list
it 'a Maildir'
expect_code 0 facteur mailbox test box
out_like '^ok +Messages +1 message lies there'
out_like '^notice +Addresses +whether mail to returns\+test@asso.example'
err_like 'Mailbox box is ready'
it 'the address to try is the one that is configured'
expect_code 0 facteur mailbox test box --set identity.verp_separator=-
out_like '^notice +Addresses +whether mail to returns-test@asso.example'
expect_code 0 facteur mailbox test box --set identity.verp=false
out_unlike Addresses
expect_code 0 facteur mailbox test box --set identity.bounce_address=
out_like '^notice +Addresses +identity.bounce_address is not set'
it 'nothing in it changes'
ok test -e box/new/1.test
it 'an mbox'
expect_code 0 facteur mailbox test file
out_like '^ok +Folder +.*mail can be read'
it 'what is no mbox'
expect_code 69 facteur mailbox test text
out_like 'is no mbox'
it 'what is not there'
expect_err_like 69 '1 mailbox cannot be read yet' facteur mailbox test none
out_like '^FAILED +Folder +the mailbox cannot be read: .*is no Maildir'
it 'as JSON'
expect_code 69 facteur mailbox test none --json
json_is ready false
json_is mailboxes.0.steps.0.code no-maildir
it 'a mailbox that is mistyped'
expect_err_like 64 'did you mean "returns"' facteur mailbox test return
