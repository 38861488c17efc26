"""What deploy/compose/compose.yaml says, run as processes (pods.py): three nodes, Valkey, HAProxy and Prometheus, with the
shipped files, users and mounts. Requests go through the balancer, and every query of the Grafana dashboard gets data.

Grafana itself is not run, since Debian has none; its dashboard's types are checked by types_test.py.
"""

import http.client
import json
import math
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import unittest
import urllib.parse
from pathlib import Path

import yaml

import pods
from pods import Pod, Pods

SOURCE = Path(os.environ["FOVEA_SOURCE_DIR"])
PROGRAM = os.environ["FOVEA_PROGRAM"]
DEPLOY = SOURCE / "deploy"
sys.path.insert(0, str(SOURCE / "tests/serve/http"))
from http_server_test import picture_number, question_about  # noqa: E402

NODES = ("fovea1", "fovea2", "fovea3")
WAIT_S = 120
# What the images bring: the words before the command, and the user.
ENTRY = {"fovea": [PROGRAM], "valkey": [], "prometheus": ["prometheus"],
         "haproxy": ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]}
USERS = {"fovea": 10001, "haproxy": 99, "prometheus": 65534}


def interpolated(value):
    """Compose's own ${NAME:-default} with no variable set, and $$."""
    if isinstance(value, dict):
        return {name: interpolated(one) for name, one in value.items()}
    if isinstance(value, list):
        return [interpolated(one) for one in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value).replace("$$", "$")


class Compose:
    """The file's services as pods."""

    def __init__(self, names, secrets, prometheus):
        text = interpolated(yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text()))
        self.services = {name: service for name, service in text["services"].items() if name in names}
        self.secrets, self.prometheus = secrets, prometheus

    def mounted(self, service):
        files = {f"/run/secrets/{name}": str(self.secrets / name) for name in service.get("secrets", [])}
        for volume in service.get("volumes", []):
            source, target = volume.split(":")[:2]
            path = (DEPLOY / "compose" / source).resolve()
            files[target] = str(path) if source.startswith(".") else None
            if path == DEPLOY / "prometheus":
                files[target] = str(self.prometheus)
        return files | dict.fromkeys(service.get("tmpfs", []))

    def pod(self, name):
        service = self.services[name]
        kind = name.rstrip("0123456789")
        user = int(service["user"].split(":")[0]) if "user" in service else USERS[kind]
        environment = {name: str(value) for name, value in service.get("environment", {}).items()}
        return Pod(name, ENTRY[kind] + service.get("command", []), {**environment, "OMP_WAIT_POLICY": "passive"},
                   self.mounted(service), user, service.get("read_only", False))


class Running(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        services = (*NODES, "valkey", "haproxy", "prometheus")
        cls.pods = cls.enterClassContext(Pods(services))
        secrets = cls.pods.folder / "secrets"
        subprocess.run([DEPLOY / "secrets.sh", secrets], check=True, timeout=WAIT_S, env={**os.environ, "FOVEA": PROGRAM})
        secrets.chmod(0o755)  # engines mount single files of it; here one has to get there
        cls.key = (secrets / "api.key").read_text().strip()
        prometheus = cls.pods.folder / "prometheus"
        shutil.copytree(DEPLOY / "prometheus", prometheus)
        configuration = (prometheus / "fleet.yml").read_text()
        assert configuration.count("scrape_interval: 15s") == 1
        (prometheus / "fleet.yml").write_text(configuration.replace("scrape_interval: 15s", "scrape_interval: 1s"))
        cls.compose = Compose(services, secrets, prometheus)
        for name in ("valkey", *NODES, "haproxy", "prometheus"):
            cls.pods.start(cls.compose.pod(name))
        for name, port, path in (*((node, 8080, "/ready") for node in NODES), ("prometheus", 9090, "/-/ready")):
            cls.until(f"{name} is ready", lambda: cls.get(name, port, path)[0] == 200)
        cls.until("the balancer has all nodes", lambda: cls.nodes_up() == len(NODES))

    @classmethod
    def get(cls, name, port, path, method="GET", body=None, headers=None):
        connection = http.client.HTTPConnection(cls.pods.addresses[name], port, timeout=WAIT_S)
        try:
            connection.request(method, path, body, headers or {})
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        except OSError as why:
            return 0, {}, str(why).encode()
        finally:
            connection.close()

    @classmethod
    def until(cls, what, condition):
        end = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > end or any(child.poll() is not None for child in cls.pods.running.values()):
                logs = "\n".join(f"--- {name}\n{cls.pods.log(name)[-2000:]}" for name in cls.pods.running)
                raise AssertionError(f"not: {what}\n{logs}")
            time.sleep(0.2)

    @classmethod
    def nodes_up(cls):
        table = cls.get("haproxy", 8404, "/;csv")[2].decode()
        return len(re.findall(r"^nodes,node\d.*,UP,", table, re.MULTILINE))

    def ask(self, picture, question="What is it?", name="haproxy", key=None):
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return self.get(name, 8080, "/v1/chat/completions", "POST", question_about(picture, question), headers)

    def asked_by_prometheus(self, path, **query):
        status, _, body = self.get("prometheus", 9090, f"/api/v1/{path}?{urllib.parse.urlencode(query)}")
        self.assertEqual(status, 200, body)
        return json.loads(body)["data"]

    def test_requests_go_through_the_balancer(self):
        self.assertEqual(self.ask(picture_number(1), key="another")[0], 401)
        for expected in ("miss", "hit"):
            status, headers, body = self.ask(picture_number(1), "Is it asked twice?")
            self.assertEqual(status, 200, body)
            self.assertIn(expected, headers["Cache-Status"].split(",")[0])
        self.assertEqual(self.get("haproxy", 8080, "/metrics")[0], 404)

    def test_nodes_share_what_they_compute(self):
        self.assertEqual(self.ask(picture_number(2), name="fovea1")[0], 200)

        def found_by_another():
            status, headers, _ = self.ask(picture_number(2), f"Which is number {time.monotonic_ns()}?", "fovea2")
            self.assertEqual(status, 200)
            return "fovea-embedding; hit" in headers["Cache-Status"] or "fovea-prefix; hit" in headers["Cache-Status"]

        self.until("another node finds the picture", found_by_another)
        found = re.findall(r'fovea_tier_hits_total\{tier="shared",level="\w+"\} (\d+)',
                           self.get("fovea2", 8080, "/metrics")[2].decode())
        self.assertGreater(sum(map(int, found)), 0)

    def test_a_node_with_another_address_is_found(self):
        self.pods.stop("fovea3")
        self.pods.move("fovea3", 99)
        self.pods.start(self.compose.pod("fovea3"))
        self.until("fovea3 is ready", lambda: self.get("fovea3", 8080, "/ready")[0] == 200)
        self.until("the balancer has found it", lambda: self.nodes_up() == len(NODES))
        before = self.get("fovea3", 8080, "/metrics")[2].decode()
        self.assertNotRegex(before, r'fovea_requests_total\{[^}]*status="200"')
        numbers = iter(range(1000, 1100))

        def asked():
            self.assertEqual(self.ask(picture_number(next(numbers)))[0], 200)
            return re.search(r'fovea_requests_total\{[^}]*status="200"', self.get("fovea3", 8080, "/metrics")[2].decode())

        self.until("it gets requests", asked)

    def queries(self):
        """Of the dashboard: {panel and reference: query}, as Grafana would send them for all nodes."""
        dashboard = json.loads((DEPLOY / "grafana/fovea.json").read_text())
        variables = {"$instance": ".*", "$__rate_interval": "10s"}
        found = {}
        for panel in dashboard["panels"]:
            for target in panel.get("targets", []):
                text = target["expr"]
                for name, value in variables.items():
                    text = text.replace(name, value)
                self.assertNotIn("$", text)
                found[f"{panel['id']} {panel['title']} {target['refId']}"] = text
        return found

    def finite(self, query):
        results = self.asked_by_prometheus("query", query=query)["result"]
        return any(math.isfinite(float(result["value"][1])) for result in results)

    def test_every_query_of_the_dashboard_gets_data(self):
        over = threading.Event()
        statuses = set()

        def load():
            number = 2000
            while not over.is_set():
                number += 1
                for question in (f"What is number {number}?", f"What is number {number}?", f"Where is number {number}?"):
                    for name in ("fovea1", "haproxy"):
                        statuses.add(self.ask(picture_number(number), question, name)[0])

        loads = threading.Thread(target=load)
        loads.start()
        try:
            missing = self.queries()
            self.assertGreater(len(missing), 20)
            # All at the same moment: a query that once had data and has none any more would be no good.
            self.until_all(missing)
        finally:
            over.set()
            loads.join()
        self.assertEqual(statuses, {200})
        self.assertTrue(self.finite("fovea_build_info"))  # the dashboard's list of nodes

    def until_all(self, queries):
        end = time.monotonic() + WAIT_S
        while missing := [name for name, query in queries.items() if not self.finite(query)]:
            if time.monotonic() > end:
                raise AssertionError("no data for:\n" + "\n".join(f"{name}: {queries[name]}" for name in missing))
            time.sleep(0.5)

    def test_prometheus_reaches_everything_and_its_rules_work(self):
        def up():
            found = self.asked_by_prometheus("query", query="up")["result"]
            return sorted(result["metric"]["instance"] for result in found if result["value"][1] == "1")

        self.until("all are scraped", lambda: up() == sorted(["haproxy:8404", *(f"{node}:8080" for node in NODES)]))
        groups = self.asked_by_prometheus("rules")["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        self.assertTrue(rules)
        for rule in rules:
            self.assertIn(rule["health"], ("ok", "unknown"), rule)


if __name__ == "__main__":
    pods.enter()
    unittest.main()
