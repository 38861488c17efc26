"""A fleet of real programs in network namespaces: `fovea serve` nodes, a Valkey server, HAProxy, and clients.

The balancer runs deploy/haproxy/haproxy.cfg with its nodes replaced; clients and the balancer have links as fast as the
machine, nodes and the shared server those that they are given. What a fleet is, is a dict as samples/fleets has them:

    {"nodes": [{"name", "device", "count", "parallel", "max_requests", "memory", "policy", "disk",
                "link": {"mbit_per_s", "latency_ms"}}],
     "shared": {"memory", "link"}, "routing", "bound", "levels", "share_across_devices",
     "load": {"workload", "requests", "clients", "seed", "request_bytes"}}

A device is a profile, whose times the node waits for (fovea serve --modelled); or the bundled model runs in all nodes.
"""

import contextlib
import http.client
import json
import re
import secrets
import shutil
import socket
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/deploy")]
import namespaces  # noqa: E402

CONFIGURATION = ROOT / "deploy/haproxy/haproxy.cfg"
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
PROGRAM = ROOT / "build/release/bin/fovea"
WAIT_S = 60
CLIENT, BALANCER, SHARED, FIRST_NODE = 1, 2, 3, 11  # the last number of each address
PORT = 8080
DEFAULT_LINK = {"mbit_per_s": 1000, "latency_ms": 0.1}
LEVELS = {"embedding": "--embedding-cache", "prefix": "--prefix-cache", "response": "--response-cache"}
ROUTINGS = {"hash": {}, "round_robin": {"balance hash var(txn.picture)": "balance roundrobin"}}


def profile_of(device, folder):
    """The file of a device, as fleets name them: one of samples/devices, or a file beside the fleet."""
    own = "/" in device or device.endswith(".json")
    path = folder / device if own else ROOT / "samples/devices" / f"{device}.json"
    if not path.is_file():
        sys.exit(f"there is no profile {path}")
    return path


def expanded(fleet):
    """Each node by itself, with its name: its class's, and its number in the class."""
    nodes = []
    for of in fleet["nodes"]:
        for number in range(1, of.get("count", 1) + 1):
            nodes.append({**of, "name": f"{of['name']}-{number}"})
    return nodes


def balancer_text(addresses, routing="hash", bound=1.5):
    """The shipped file for these nodes."""
    text = re.sub(r"(?m)^    (user|group|chroot) .*\n", "", CONFIGURATION.read_text())
    changes = {f"bind :{PORT}": f"bind {namespaces.PREFIX}{BALANCER}:{PORT}", **ROUTINGS.get(routing, {})}
    if routing == "bounded_hash":
        changes["# hash-balance-factor 150"] = f"hash-balance-factor {round(100 * bound)}"
    for line, other in changes.items():
        assert text.count(f"    {line}") == 1, line
        text = text.replace(f"    {line}", f"    {other}")
    servers = "".join(f"    server node{number} {address}:{PORT} id {number}\n" for number, address in enumerate(addresses, 1))
    text, count = re.subn(r"(?m)^    server node1 .*\n    server node2 .*\n    server node3 .*\n", servers, text)
    assert count == 1, text
    return text


class RealFleet:
    """Runs until it is closed, or this process ends. `folder` is for logs and files; profiles are looked for in `beside`."""

    def __init__(self, fleet, folder, program=PROGRAM, beside=ROOT, bundled=False):
        self.fleet, self.folder, self.program = fleet, Path(folder), str(program)
        self.nodes = expanded(fleet)
        self.stack = contextlib.ExitStack()
        try:
            self.network = self.stack.enter_context(namespaces.Network())
            self.client = self.network.join("client", CLIENT)
            self.shared = self.start_shared(fleet.get("shared"))
            self.ends, self.children = [], []
            for number, node in enumerate(self.nodes):
                link = {**DEFAULT_LINK, **node.get("link", {})}
                self.ends.append(self.network.join(node["name"], FIRST_NODE + number, **link))
                self.children.append(None)
                node["profile"] = None if bundled else self.profile(node, Path(beside))
            for number in range(len(self.nodes)):
                self.start_node(number)
            self.balancer = self.start_balancer()
            self.until(lambda: all(self.ready(number) for number in range(len(self.nodes))), "the nodes are ready")
            self.until(lambda: self.up() == len(self.nodes), "the balancer knows them")
        except BaseException:
            self.stack.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def profile(self, node, beside):
        """Fleets that share across devices have one fingerprint, as if an operator had said so."""
        document = json.loads(profile_of(node["device"], beside).read_text())
        if node.get("model"):
            document["models"].sort(key=lambda model: model["name"] != node["model"])
        if self.fleet.get("share_across_devices"):
            for model in document["models"]:
                model["vision_fingerprint"] = model["text_fingerprint"] = "0" * 64
        path = self.folder / f"{node['name']}.profile.json"
        path.write_text(json.dumps(document))
        return path

    def run(self, end, command, name):
        log = self.stack.enter_context(open(self.folder / f"{name}.log", "ab"))
        child = end.start([str(word) for word in command], log)
        self.stack.callback(self.kill, child)
        return child

    @staticmethod
    def kill(child):
        if child.poll() is None:
            child.kill()
        child.wait()

    def start_shared(self, shared):
        if shared is None:
            return None
        if shared.get("shards", 1) != 1:
            sys.exit("a real fleet has one shared server: shards is 1")
        end = self.network.join("shared", SHARED, **{**DEFAULT_LINK, **shared.get("link", {})})
        memory = re.sub(r"iB$", "b", shared.get("memory", "4GiB")).lower()  # valkey's gb is 1024 MiB
        self.run(end, ["valkey-server", "--bind", end.address, "--port", PORT, "--protected-mode", "no", "--save", "",
                       "--maxmemory", memory, "--maxmemory-policy", "allkeys-lfu", "--dir", self.folder], "valkey")
        self.until(lambda: self.connects(end.address), "valkey-server answers")
        self.key = self.folder / "fleet.key"
        self.key.write_text(secrets.token_hex(32))
        return end

    def start_node(self, number):
        node, end = self.nodes[number], self.ends[number]
        command = [self.program, "serve", "--host", end.address, "--port", PORT, "--insecure", "--log-level", "warning",
                   "--alias", node["name"],
                   "--parallel", node.get("parallel", 1), "--max-requests", node.get("max_requests", 64),
                   "--cache-size", node.get("memory", "1GiB")]
        command += ["--modelled", node["profile"]] if node["profile"] else ["--threads", 1]
        if node.get("policy"):
            command += ["--policy", node["policy"]]
        if node.get("disk"):
            command += ["--disk-cache", self.folder / f"{node['name']}.disk", "--disk-size", node["disk"]]
        for level, flag in LEVELS.items():
            if level not in self.fleet.get("levels", LEVELS):
                command += [flag, "0"]
        if self.shared and self.fleet.get("fetching", "measured") != "never":
            command += ["--shared", f"valkey://{self.shared.address}:{PORT}", "--fleet-key-file", self.key]
        self.children[number] = self.run(end, command, node["name"])

    def start_balancer(self):
        path = self.folder / "haproxy.cfg"
        addresses = [end.address for end in self.ends]
        path.write_text(balancer_text(addresses, self.fleet.get("routing", "hash"), self.fleet.get("bound", 1.5)))
        end = self.network.join("balancer", BALANCER)
        self.run(end, [HAPROXY, "-f", path], "haproxy")
        return end

    def until(self, condition, what):
        end = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > end:
                logs = "\n".join(f"{log.name}: {log.read_text('utf-8', 'replace')[-600:]}" for log in self.folder.glob("*.log"))
                sys.exit(f"it took too long until {what}\n{logs}")
            time.sleep(0.05)

    def socket_to(self, address, port=PORT, inside=None):
        with (inside or self.client).inside():
            return socket.create_connection((address, port), WAIT_S)

    def connects(self, address):
        with contextlib.suppress(OSError), self.socket_to(address):
            return True
        return False

    def connection(self, address):
        """HTTP from the clients' namespace, whatever thread asks."""
        made = http.client.HTTPConnection(address, PORT, timeout=WAIT_S)
        made.sock = self.socket_to(address)
        made.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.auto_open = False  # it would be opened in another namespace
        return made

    def reply_of(self, number, path):
        """A node's status, and what it says."""
        connection = self.connection(self.ends[number].address)
        try:
            connection.request("GET", path)
            reply = connection.getresponse()
            return reply.status, reply.read()
        finally:
            connection.close()

    def get(self, number, path):
        return self.reply_of(number, path)[1]

    def ready(self, number):
        """Not while it loads its model: it says so with a 503."""
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.reply_of(number, "/ready")[0] == 200
        return False

    def up(self):
        """Nodes that the balancer sends requests to."""
        numbers = http.client.HTTPConnection("127.0.0.1", 8404, timeout=WAIT_S)
        with contextlib.suppress(OSError):
            with self.balancer.inside():
                numbers.connect()
            numbers.request("GET", "/;csv")
            rows = numbers.getresponse().read().decode().splitlines()
            numbers.close()
            return sum(bool(re.match(r"nodes,node\d+,.*,UP,", row)) for row in rows)
        return 0

    def home_of(self, picture):
        """The node that the balancer sends a picture's requests to."""
        connection = self.connection(self.balancer.address)
        connection.request("GET", "/v1/models", headers={"x-fovea-picture": str(picture)})
        reply = json.loads(connection.getresponse().read())
        connection.close()
        return reply["data"][0]["id"]

    def stats(self):
        """The counters of each node; nothing of one that is down."""
        return [json.loads(self.get(number, "/v1/cache/stats")) if child.poll() is None else None
                for number, child in enumerate(self.children)]

    def settle(self):
        """Until nothing waits to be written to a tier."""
        def settled():
            return all(tier["queued"] == 0 for stats in self.stats() if stats for tier in stats["tiers"])
        self.until(settled, "what was to be written is")
        time.sleep(0.2)  # what is on its way when none waits

    def link_bytes(self):
        ends = {"shared": self.shared, **{node["name"]: end for node, end in zip(self.nodes, self.ends)}}
        return {name: end.bytes() for name, end in ends.items() if end}



def way_of(headers):
    """What a request found, by what its answer says: the most that it had, and where."""
    status = headers.get("Cache-Status", "")
    if "fovea-response; hit" in status:
        return "response"
    if "fovea-prefix; hit" in status:
        return "prefix"
    found = re.search(r"fovea-embedding; hit(?:; detail=(\w+))?", status)
    if found:
        return f"embedding_{found[1] or 'memory'}"
    return "encoded" if "encode;dur" in headers.get("Server-Timing", "") else "joined"


def place_of(headers):
    """Where it was found that a request had: memory, disk or shared; nothing where it was computed."""
    status = headers.get("Cache-Status", "")
    found = re.search(r"fovea-(?:response|prefix|embedding); hit(?:; detail=(\w+))?", status)
    return (found[1] or "memory") if found else None


class Answer:
    def __init__(self, at_s, ms, status, headers):
        self.at_s, self.ms, self.status = at_s, ms, status
        self.way = way_of(headers) if status == 200 else "failed"
        self.place = place_of(headers) if status == 200 else None
        self.text = b""

    def node(self):
        """Which one answered: it calls its model by its own name."""
        return json.loads(self.text)["model"] if self.status == 200 else None


def ask(connection, body, picture=None):
    """One request by an open connection, through the balancer or to a node."""
    headers = {"Content-Type": "application/json"}
    if picture is not None:
        headers["x-fovea-picture"] = str(picture)
    began = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", body, headers)
    reply = connection.getresponse()
    text = reply.read()
    answer = Answer(began, 1000 * (time.perf_counter() - began), reply.status, reply.headers)
    answer.text = text
    return answer


def ask_all(fleet, requests, clients, until_s=None, address=None):
    """So many clients, each of which sends its next request when it has its answer. `requests` are (picture, body)."""
    todo, lock, answers = iter(requests), threading.Lock(), []
    target = address or fleet.balancer.address
    began = time.perf_counter()

    def client():
        connection = None
        while until_s is None or time.perf_counter() - began < until_s:
            with lock:
                picture, body = next(todo, (None, None))
            if body is None:
                break
            try:
                connection = connection or fleet.connection(target)
                answer = ask(connection, body, picture)
            except (OSError, http.client.HTTPException) as error:
                if connection:
                    connection.close()
                connection = None
                answer = Answer(time.perf_counter(), 0, 0, {})
                answer.text = repr(error).encode()
            answer.at_s -= began
            answers.append(answer)
        if connection:
            connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - began
