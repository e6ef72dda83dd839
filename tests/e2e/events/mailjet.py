"""Mailjet's REST API as its reference describes it, with the troubles that a test asks for.

mailjet.py FOLDER [CERTIFICATE]: FOLDER/port holds the port once it listens, FOLDER/messages.json
the messages. Each request takes a line off FOLDER/trouble, if there is one:
  429 N, 503 N      that status, with Retry-After: N where N is given
  503 date          with the date of a second from now
  redirect URL      302 to there
  cut               the connection ends in the middle of the answer
  html, list, half  an answer that is no JSON, not what was asked for, or ends too soon
  huge              more than anybody should read
  deep              brackets in brackets
  same              the first page whatever was asked for
FOLDER/requests.ndjson has a line for each request: path, query, login.
"""
import base64
import email.utils
import http.server
import json
import pathlib
import ssl
import sys
import time
import urllib.parse

FOLDER = pathlib.Path(sys.argv[1])
PAGE = 1000
HUGE = 9 << 20
STATES = {1: "user unknown", 2: "mailbox inactive", 3: "quota exceeded", 9: "preblocked"}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body=b"{}", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def trouble(self):
        file = FOLDER / "trouble"
        lines = file.read_text().splitlines() if file.exists() else []
        if not lines:
            return None
        file.write_text("".join(line + "\n" for line in lines[1:]))
        return lines[0].split()

    def make_trouble(self, kind, *rest):
        if kind.isdigit():
            wait = rest[0] if rest else None
            if wait == "date":
                wait = email.utils.formatdate(time.time() + 1, usegmt=True)
            self.answer(int(kind), **({"Retry_After": wait} if wait else {}))
        elif kind == "redirect":
            self.answer(302, Location=rest[0])
        elif kind == "cut":
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"Data":[')
            self.close_connection = True
        elif kind == "huge":
            self.answer(200, b'{"Data":["' + b"x" * HUGE + b'"]}')
        else:
            self.answer(200, {"html": b"<html>Down for maintenance</html>", "list": b"[]",
                              "half": b'{"Count":1,"Data":[{"ID":1,',
                              "deep": b'{"Data":' * 5000 + b"1" + b"}" * 5000}[kind])

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        login = base64.b64decode(self.headers.get("Authorization", "Basic ")[6:]).decode()
        with (FOLDER / "requests.ndjson").open("a") as log:
            log.write(json.dumps({"path": url.path, "query": query, "login": login}) + "\n")
        trouble = self.trouble()
        if trouble and trouble[0] != "same":
            self.make_trouble(*trouble)
        elif login != "the-key:the-secret":
            self.answer(401, b'{"ErrorMessage":"API key authentication/authorization failure"}')
        elif url.path == "/v3/REST/messagestate":
            self.page([{"ID": n, "Name": name, "RelatedTo": "recipient"}
                       for n, name in STATES.items()])
        elif url.path == "/v3/REST/message":
            messages = json.loads((FOLDER / "messages.json").read_text())
            at = 0 if trouble else int(query["Offset"])
            self.page(messages[at:at + min(int(query["Limit"]), PAGE)])
        else:
            self.answer(404)

    def page(self, data):
        self.answer(200, json.dumps({"Count": len(data), "Data": data, "Total": len(data)}).encode())


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
(FOLDER / "port.new").write_text(str(server.server_port))
(FOLDER / "port.new").rename(FOLDER / "port")
server.serve_forever()
