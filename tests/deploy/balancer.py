"""HAProxy with the file that operators copy, deploy/haproxy/haproxy.cfg, in front of servers on free ports.

Only what depends on the machine is replaced: addresses, and what needs root. All else is as shipped.
"""

import contextlib
import csv
import http.client
import io
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy/haproxy/haproxy.cfg"
PROGRAM = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
WAIT_S = 60


def free_ports(count):
    """Ports that differ: each is held until the last is known."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def configured(node_ports, client_port, numbers_port, **instead):
    """The shipped text for these ports. `instead` replaces further lines: what is expected, and what is put there."""
    text = CONFIGURATION.read_text()
    text, roots = re.subn(r"(?m)^    (user|group|chroot) .*\n", "", text)
    assert roots == 3, text
    changes = {"bind :8080": f"bind 127.0.0.1:{client_port}", "bind 127.0.0.1:8404": f"bind 127.0.0.1:{numbers_port}"}
    for number, port in enumerate(node_ports, 1):
        changes[f"server node{number} 10.0.0.{10 + number}:8080 "] = f"server node{number} 127.0.0.1:{port} "
    for line, other in {**changes, **instead}.items():
        assert len(re.findall(rf"(?m)^ +{re.escape(line)}", text)) == 1, line
        text = text.replace(f"    {line}", f"    {other}")
    return text


def checked(path):
    """What HAProxy says about a file: whether it takes it, and its words."""
    done = subprocess.run([PROGRAM, "-c", "-f", str(path)], capture_output=True, text=True, timeout=WAIT_S)
    return done.returncode == 0, done.stdout + done.stderr


class Balancer:
    def __init__(self, folder, node_ports, **instead):
        self.port, self.numbers_port = free_ports(2)
        self.path = folder / "haproxy.cfg"
        self.path.write_text(configured(node_ports, self.port, self.numbers_port, **instead))
        self.log = folder / "haproxy.log"
        with open(self.log, "wb") as output:
            self.child = subprocess.Popen([PROGRAM, "-f", str(self.path)], stdin=subprocess.DEVNULL, stdout=output,
                                          stderr=output)
        try:
            self.wait_for_numbers()
        except BaseException:  # whoever makes one that fails has nothing to stop
            self.stop()
            raise

    def wait_for_numbers(self):
        end = time.monotonic() + WAIT_S
        while True:
            try:
                self.nodes()
                return
            except OSError:
                if self.child.poll() is not None or time.monotonic() > end:
                    raise AssertionError(f"haproxy does not run:\n{self.log.read_text()}") from None
                time.sleep(0.02)

    def stop(self):
        self.child.terminate()
        self.child.wait(WAIT_S)

    def request(self, method, path, body=None, headers=None):
        """Status, fields and body of what a client gets."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        finally:
            connection.close()

    def numbers(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.numbers_port, timeout=WAIT_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def nodes(self):
        """What HAProxy knows of each node, by its name: `status`, `stot` (requests), `wretr`, `wredis` ..."""
        rows = csv.DictReader(io.StringIO(self.numbers("/;csv").removeprefix("# ")))
        return {row["svname"]: row for row in rows if row["svname"].startswith("node")}

    def until(self, node, status):
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self.nodes()[node]["status"] == status:
                return
            time.sleep(0.05)
        raise AssertionError(f"{node} is not {status}: {self.nodes()[node]}")
