"""The nodes that HAProxy chooses with deploy/haproxy/haproxy.cfg, beside those that recorded/haproxy_ring.txt has.

The simulator's ring (src/cluster/balancer/hash_ring.h) is tested against the same file. A line of it is a case: the
servers' weights, the server that is down or that says 503 and is left for another one, counted from 0, or "-", and the
servers that requests with `x-fovea-picture: 0`, `1` ... went to. With --record it is written anew.
"""

import http.client
import http.server
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import balancer as haproxy  # noqa: E402

RECORDED = Path(__file__).resolve().parent / "recorded/haproxy_ring.txt"
PICTURES = 200
EQUAL, UNLIKE, EIGHT = [256] * 3, [256, 100, 37], [256] * 8
CASES = [(EQUAL, None, None), (EQUAL, 0, None), (EQUAL, None, 1), (UNLIKE, None, None), (EIGHT, None, None),
         (EIGHT, 5, None), (EIGHT, None, 2)]


class Node(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body together: apart, each answer waits for an acknowledgement

    def do_GET(self):
        body = str(self.server.number).encode()
        busy = self.server.busy and self.path != "/ready"
        self.send_response(503 if busy or (self.server.down and self.path == "/ready") else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A check ends its connection as it likes."""


def chosen(weights, down, busy):
    servers = [Quiet(("127.0.0.1", 0), Node) for _ in weights]
    for number, server in enumerate(servers):
        server.number, server.down, server.busy = number, number == down, number == busy
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        lines = "".join(f"    server node{i} 127.0.0.1:{server.server_port} id {i} weight {weight}\n"
                        for i, (server, weight) in enumerate(zip(servers, weights, strict=True), 1))
        shipped = haproxy.configured([1, 2, 3], *haproxy.free_ports(2))
        text, count = re.subn(r"(?m)(^    server node\d .*\n)+", lines, shipped)
        assert count == 1, shipped
        made = haproxy.Balancer.__new__(haproxy.Balancer)
        made.port, made.numbers_port = map(int, re.findall(r"bind 127\.0\.0\.1:(\d+)", text))
        made.path, made.log = Path(folder) / "haproxy.cfg", Path(folder) / "haproxy.log"
        made.path.write_text(text)
        with open(made.log, "wb") as output:
            made.child = subprocess.Popen([haproxy.PROGRAM, "-f", str(made.path)], stdin=subprocess.DEVNULL,
                                          stdout=output, stderr=output)
        try:
            made.wait_for_numbers()
            if down is not None:
                made.until(f"node{down + 1}", "DOWN")
            connection = http.client.HTTPConnection("127.0.0.1", made.port, timeout=60)
            nodes = ""
            for picture in range(PICTURES):
                connection.request("GET", "/v1/models", headers={"x-fovea-picture": str(picture)})
                nodes += connection.getresponse().read().decode()
            connection.close()
            return nodes
        finally:
            made.stop()
            for server in servers:
                server.shutdown()
                server.server_close()


def text_of(weights, down, busy):
    numbers = ["-" if number is None else str(number) for number in (down, busy)]
    return " ".join([",".join(map(str, weights)), *numbers, chosen(weights, down, busy)])


def main():
    if haproxy.PROGRAM is None:
        print("skipped: haproxy is not installed")
        sys.exit(77)
    lines = [text_of(*case) for case in CASES]
    if sys.argv[1:] == ["--record"]:
        version = subprocess.run([haproxy.PROGRAM, "-v"], capture_output=True, text=True, check=True).stdout.split()[2]
        head = f"# HAProxy {version}, tests/deploy/haproxy_ring_test.py --record: weights, down, busy, node of each picture\n"
        RECORDED.write_text(head + "\n".join(lines) + "\n")
        return
    recorded = [line for line in RECORDED.read_text().splitlines() if not line.startswith("#")]
    assert len(recorded) == len(CASES), recorded
    for line, was in zip(lines, recorded, strict=True):
        assert line == was, f"HAProxy chose\n{line}\nand not\n{was}"
    print(f"{len(lines)} cases of {PICTURES} pictures agree")


main()
