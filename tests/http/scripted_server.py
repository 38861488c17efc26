"""A server that answers as it is told, for tests: prints its port, and serves until its process ends.

The body of a request of any other method than GET is a script: {"name": N, "turns": [STEPS, ...]}. The n-th request of that name takes the n-th turn, and later
ones the last. Without a body it is the query's "script". Steps, in order:
  {"status": 200}, {"header": [NAME, VALUE]}   for the head; sent with the first of what follows, or at the end
  {"send": TEXT}        a piece of the body
  {"fill": BYTES}       so many bytes of body
  {"raw": TEXT}         bytes as they are, head or not
  {"wait": GATE}        until somebody opens the gate
  {"cut": true}         the connection is closed without a proper end
Beside it: GET /open/GATE opens a gate; GET /seen/NAME/COUNT answers when so many requests of the name have come; GET
/requests/NAME lists what they were: [{"method", "path", "headers", "body", "connection"}, ...].
"""

import http.server
import json
import threading
import urllib.parse


class Board:
    """What the requests' threads share."""

    def __init__(self):
        self.changed = threading.Condition()
        self.open_gates = set()
        self.requests = {}

    def open(self, gate):
        with self.changed:
            self.open_gates.add(gate)
            self.changed.notify_all()

    def pass_gate(self, gate):
        with self.changed:
            self.changed.wait_for(lambda: gate in self.open_gates)

    def note(self, name, request):
        """The number of this request among those of its name, from 0."""
        with self.changed:
            requests = self.requests.setdefault(name, [])
            requests.append(request)
            self.changed.notify_all()
            return len(requests) - 1

    def wait_for(self, name, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.requests.get(name, [])) >= count)


board = Board()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        words = [urllib.parse.unquote(word) for word in parts.path.strip("/").split("/")]
        if words[0] == "open":
            board.open(words[1])
            self.answer_json("open")
        elif words[0] == "seen":
            board.wait_for(words[1], int(words[2]))
            self.answer_json("seen")
        elif words[0] == "requests":
            self.answer_json(board.requests.get(words[1], []))
        else:
            self.play(urllib.parse.parse_qs(parts.query).get("script", ["{}"])[0], "")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        self.play(body or query.get("script", ["{}"])[0], body)

    do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_POST

    def answer_json(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def play(self, script, body):
        script = json.loads(script)
        headers = [[name.lower(), value] for name, value in self.headers.items()]
        request = {"method": self.command, "path": self.path, "headers": headers, "body": body, "connection": self.client_address[1]}
        turn = board.note(script.get("name", "nameless"), request)
        turns = script.get("turns", [[]])
        try:
            Answer(self).play(turns[min(turn, len(turns) - 1)])
        except OSError:  # the client went away
            self.close_connection = True


class Answer:
    def __init__(self, handler):
        self.handler = handler
        self.status = 200
        self.headers = []
        self.begun = False

    def play(self, steps):
        for step in steps:
            [(kind, value)] = step.items()
            getattr(self, "step_" + kind)(value)
        self.begin()
        if not self.sized():
            self.chunk(b"")

    def sized(self):
        """Whether the script says how long the body is, or there is none."""
        return self.handler.command == "HEAD" or any(name == "Content-Length" for name, _ in self.headers)

    def begin(self):
        if self.begun:
            return
        self.begun = True
        self.handler.send_response(self.status)
        for name, value in self.headers:
            self.handler.send_header(name, value)
        if not self.sized():
            self.handler.send_header("Transfer-Encoding", "chunked")
        self.handler.end_headers()

    def chunk(self, data):
        self.begin()
        self.handler.wfile.write(data if self.sized() else b"%x\r\n%s\r\n" % (len(data), data))
        self.handler.wfile.flush()

    def step_status(self, status):
        self.status = status

    def step_header(self, pair):
        self.headers.append(pair)

    def step_send(self, text):
        self.chunk(text.encode())

    def step_fill(self, count):
        self.chunk(b"x" * count)

    def step_raw(self, text):
        self.begun = True
        self.handler.wfile.write(text.encode("latin-1"))
        self.handler.wfile.flush()

    def step_wait(self, gate):
        if self.headers or self.begun:
            self.begin()
        board.pass_gate(gate)

    def step_cut(self, _):
        raise OSError("cut")  # the connection is closed by who catches it


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that go away are what many tests are about


def main():
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
