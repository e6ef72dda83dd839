#!/bin/sh
# relay test without a server: folders, and what is wrong before anything is tried. The way to
# servers is in tests/e2e/relay-test.
. "$ROOT/tests/cli/lib.sh"
cat >facteur.yaml <<'Y'
identity: {from: contact@asso.example}
relays:
  outbox: {type: maildir, path: outbox}
  deep: {type: maildir, path: no/such/folder}
  file: {type: maildir, path: file}
  inside: {type: maildir, path: file/outbox}
  locked: {type: maildir, path: /proc/self/fdinfo}
Y
: >file

it 'a folder that will be made'
expect_code 0 facteur relay test outbox
out_like '^ok +Folder +outbox is not there yet and will be made'
err_like 'Trying relay outbox, a folder: outbox'
err_like 'Relay outbox is ready'
no test -e outbox
it 'a folder that is there, and stays as it is'
mkdir -p outbox/tmp outbox/new outbox/cur
expect_code 0 facteur relay test outbox
out_like '^ok +Folder +messages can be written into outbox; nobody is mailed'
expect_code 0 find outbox -type f
out_unlike .
it 'as JSON'
expect_code 0 facteur -q relay test outbox --json
json_is schema 1
json_is relay outbox
json_is ready true
json_is steps.0.step folder
json_is steps.0.result ok
err_unlike .
it 'silent but for the steps with -q'
expect_code 0 facteur -q relay test outbox
err_unlike .
it 'a folder whose parent is missing'
expect_err_like 69 'relay deep cannot be used yet' facteur relay test deep
out_like '^FAILED +Folder +the folder cannot be made'
out_like 'What to do: check the path'
it 'a file in the place of a folder'
expect_err_like 69 'relay file cannot be used yet' facteur relay test file
out_like 'it is a file'
it 'below a file'
expect_err_like 69 'relay inside' facteur relay test inside
out_like 'Not a directory'
it 'a folder where nobody may write, not even root'
expect_err_like 69 'relay locked' facteur relay test locked
out_like '^FAILED +Folder +nothing can be written into the folder: '
out_like 'give yourself the right'
it 'a relay that is mistyped'
expect_err_like 78 'no relay outbx in the configuration; did you mean outbox' facteur relay test outbx
it 'a relay that is not there'
expect_err_like 78 'no relay xyzzyx in the configuration; facteur relay list' facteur relay test xyzzyx
