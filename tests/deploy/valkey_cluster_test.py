"""The Valkey Cluster of deploy/kubernetes, with its own scripts, as six pods that come, go and change their addresses."""

import os
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

import pods
from pods import Pod, Pods

FLEET = Path(os.environ["FOVEA_SOURCE_DIR"]) / "deploy/kubernetes/overlays/fleet"
USER = 10002  # of valkey.yaml
PODS = 6
PRIMARIES = 3
PASSWORD = "password-of-a-test"
WAIT_S = 120
ASK_S = 30


class Cluster(unittest.TestCase):
    def setUp(self):
        self.pods = self.enterContext(Pods([f"valkey-{number}.valkey" for number in range(PODS)] + ["join", "client"]))
        secret = self.pods.folder / "valkey.password"
        secret.write_text(PASSWORD + "\n")
        self.files = self.pods.folder / "configuration"
        self.files.mkdir()
        for name in ("valkey-start.sh", "valkey-join.sh", "valkey.conf"):
            shutil.copy(FLEET / name, self.files)
        conf = self.files / "valkey.conf"
        shorter = conf.read_text().replace("cluster-node-timeout 5000", "cluster-node-timeout 2000")
        self.assertNotEqual(shorter, conf.read_text())
        conf.write_text(shorter)
        for number in range(PODS):
            self.data(number).mkdir()
            os.chown(self.data(number), USER, USER)
            self.start(number)

    def data(self, number):
        return self.pods.folder / f"data-{number}"

    def address(self, number):
        return self.pods.addresses[f"valkey-{number}.valkey"]

    def start(self, number):
        """A node, and what runs beside it. In Kubernetes both have one address; the second needs none of its own here."""
        name = f"valkey-{number}.valkey"
        environment = {"POD_NAME": f"valkey-{number}", "POD_IP": self.address(number), "EVERY_S": "1"}
        files = {"/etc/valkey": str(self.files), "/data": str(self.data(number)), "/run/valkey": None,
                 "/run/secrets/valkey/valkey.password": str(self.pods.folder / "valkey.password")}
        self.pods.start(Pod(name, ["sh", "/etc/valkey/valkey-start.sh"], environment, dict(files), USER))
        self.pods.addresses[f"join-{number}"] = f"{pods.NETWORK}.{100 + number}"
        self.pods.start(Pod(f"join-{number}", ["sh", "/etc/valkey/valkey-join.sh"], environment, dict(files), USER))

    def stop(self, number, how=signal.SIGTERM):
        self.pods.stop(f"join-{number}", signal.SIGKILL)
        self.pods.stop(f"valkey-{number}.valkey", how)

    def ask(self, number, *words, lines=None):
        """The answer to one command, or to `lines` of commands, of which each goes where the one before was sent. Empty if
        there is none in time."""
        try:
            done = subprocess.run(["valkey-cli", "-c", "-h", self.address(number), *words], input=lines, capture_output=True,
                                  text=True, timeout=ASK_S, env={**os.environ, "REDISCLI_AUTH": PASSWORD})
        except subprocess.TimeoutExpired:
            return ""
        return done.stdout.strip()

    def places(self, asked):
        """What a node says of the others: {address: the first slot of its own or its primary's range}, of those it reaches."""
        rows = [line.split() for line in self.ask(asked, "cluster", "nodes").splitlines()]
        rows = [row for row in rows if len(row) >= 8 and row[7] == "connected" and "fail" not in row[2]]
        first = {row[0]: row[8].split("-")[0] for row in rows if len(row) == 9}
        return {row[1].split(":")[0]: first.get(row[0], first.get(row[3])) for row in rows}, len(first)

    def whole(self):
        """Each range has two nodes and one primary that has its replica, as every node sees it; all slots are served."""
        for asked in range(PODS):
            places, primaries = self.places(asked)
            expected = {self.address(number) for number in range(PODS)}
            ranges = [places.get(address) for address in expected]
            if primaries != PRIMARIES or set(places) != expected or sorted(ranges.count(one) for one in set(ranges)) != [2] * 3:
                return False
            information = self.ask(asked, "cluster", "info")
            if "cluster_state:ok" not in information or "cluster_slots_ok:16384" not in information:
                return False
            if "master_link_status:down" in self.ask(asked, "info", "replication"):
                return False
        return True

    def served_without(self, number):
        """Whether node 1 reaches a primary of each range, and not this node. Of one answer: between two, it may go."""
        places, primaries = self.places(1)
        return primaries == PRIMARIES and self.address(number) not in places

    def state(self):
        """What a failure needs to be understood."""
        asked = [f"{number} has {self.ask(number, 'dbsize')}:\n{self.ask(number, 'cluster', 'nodes')}" for number in range(PODS)]
        return "\n".join(asked + [f"{name}: {self.pods.log(name)[-3000:]}" for name in self.pods.running])

    def until(self, what, condition):
        end = time.monotonic() + WAIT_S
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"never {what}:\n{self.state()}")
            time.sleep(0.2)

    def test_a_cluster_is_made_and_mended(self):
        self.until("whole", self.whole)
        self.until("kept by a replica too",
                   lambda: self.ask(0, lines="set picture 1\nwait 1 10000\n").split()[-2:] == ["OK", "1"])

        # A primary is killed: its replica serves its range. It comes back elsewhere, and is the replica.
        first = self.places(1)[0][self.address(0)]
        self.stop(0, signal.SIGKILL)
        self.until("served by the replica", lambda: self.served_without(0))
        self.pods.move("valkey-0.valkey", 50)
        self.start(0)
        self.until("whole after a kill", self.whole)
        self.assertEqual(self.places(1)[0][self.address(0)], first)
        self.until("found by the node that came back", lambda: self.ask(0, "get", "picture") == "1")

        # All stop, and come back at other addresses: what each remembers of the others is wrong.
        for child in self.pods.running.values():
            child.terminate()
        for number in range(PODS):
            self.stop(number)
        for number in range(PODS):
            self.pods.move(f"valkey-{number}.valkey", 60 + number)
        for number in range(PODS):
            self.start(number)
        self.until("whole after a restart of all", self.whole)

        # One comes back without what it had kept, as somebody new.
        self.stop(4)
        shutil.rmtree(self.data(4))
        self.data(4).mkdir()
        os.chown(self.data(4), USER, USER)
        self.start(4)
        self.until("whole without a node's file", self.whole)
        self.until("written to", lambda: self.ask(4, "set", "picture", "2") == "OK")

    def test_the_password_is_in_no_argument(self):
        self.until("reachable", lambda: self.ask(0, "ping") == "PONG")
        for name, child in self.pods.running.items():
            arguments = Path(f"/proc/{child.pid}/cmdline").read_bytes()
            self.assertNotIn(PASSWORD.encode(), arguments, name)


if __name__ == "__main__":
    pods.enter()
    unittest.main()
