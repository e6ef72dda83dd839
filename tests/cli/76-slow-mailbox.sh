#!/bin/sh
# A server that hands out a message and then says nothing more: whoever sends or adds members
# meanwhile does not wait for it.
. "$ROOT/tests/cli/lib.sh"
need python3
cat >server.py <<'P'
"""POP3 with three messages, of which the second never comes whole; says its port, then what it
has done."""
import socket

listener = socket.create_server(("127.0.0.1", 0))
open("port.new", "w").write(str(listener.getsockname()[1]))
__import__("os").rename("port.new", "port")
talk, _ = listener.accept()
lines = talk.makefile("rb")
TEXT = "From: MAILER-DAEMON@mx.example\r\nSubject: hello\r\n\r\ntext\r\n.\r\n"
ANSWERS = {b"CAPA": "+OK\r\nUSER\r\nUIDL\r\n.\r\n", b"STAT": "+OK 3 300\r\n",
           b"UIDL": "+OK\r\n1 a\r\n2 b\r\n3 c\r\n.\r\n", b"RETR 1": "+OK\r\n" + TEXT}
talk.sendall(b"+OK hello\r\n")
for line in lines:
    line = line.strip()
    if line == b"RETR 2":
        talk.sendall(b"+OK\r\nFrom: x@mx.example\r\n")
        open("stalled", "w").close()
        continue
    talk.sendall(ANSWERS.get(line, "+OK\r\n").encode())
P
facteur -q init --demo . || exit 1
facteur -q list import membres lists/membres.csv
start server python3 server.py
wait_for 10 test -e port
cat >>facteur.yaml <<Y
mailboxes:
  slow: {protocol: pop3, host: 127.0.0.1, port: $(cat port), tls: none, username: ana, password_env: SECRET}
Y
SECRET=x
export SECRET
start fetch "$FACTEUR" bounce fetch slow
wait_for 20 test -e stalled

it 'another command goes on while a server keeps us waiting'
run timeout 10 "$FACTEUR" -q list add membres new@example.org
code_is 0
it 'what had come is taken into account by then'
run facteur bounce list
out_like 'hello|MAILER-DAEMON'
stop fetch
stop server
