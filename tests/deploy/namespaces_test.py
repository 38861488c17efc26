"""Links between network namespaces are as slow as they are to be, nothing of them outlives its process, and a fleet runs there.

Times are compared with the least that they must be: a busy machine takes longer.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

import namespaces

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 60
SIZE = 1_000_000  # bytes that are sent over a link


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"


def until(condition):
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


class Links(unittest.TestCase):
    def connected(self, network, **link):
        """Two ends of a connection: here, and over a link like this."""
        near, far = network.join("near", 2), network.join("far", 3, **link)
        with far.inside():
            listening = socket.create_server((far.address, 9000))
        with near.inside():
            here = socket.create_connection((far.address, 9000), WAIT_S)
        there, _ = listening.accept()
        for end in (here, there, listening):
            end.settimeout(WAIT_S)
            self.addCleanup(end.close)
        here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return here, there, far

    def test_a_link_has_its_rate_in_both_directions_and_counts_its_bytes(self):
        with namespaces.Network() as network:
            here, there, far = self.connected(network, mbit_per_s=40)
            for source, sink, direction in ((here, there, "received"), (there, here, "sent")):
                before, began, left = far.bytes()[direction], time.monotonic(), SIZE
                sending = threading.Thread(target=source.sendall, args=(bytes(SIZE),))
                sending.start()
                while left > 0:
                    left -= len(sink.recv(min(left, 1 << 16)))
                seconds = time.monotonic() - began
                sending.join()
                self.assertGreaterEqual(seconds, 0.9 * 8 * (SIZE - namespaces.BURST_BYTES) / 40e6, direction)
                counted = far.bytes()[direction] - before
                self.assertGreaterEqual(counted, SIZE)
                self.assertLess(counted, 1.5 * SIZE, "heads of packets, and what was sent twice")

    def test_a_link_has_its_latency(self):
        with namespaces.Network() as network:
            here, there, _ = self.connected(network, latency_ms=15)
            there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(3):
                began = time.monotonic()
                here.sendall(b"?")
                there.sendall(there.recv(1))
                here.recv(1)
                self.assertGreaterEqual(1000 * (time.monotonic() - began), 30)

    def test_nothing_is_left_when_it_is_killed(self):
        program = ("import namespaces, time\nwith namespaces.Network() as network:\n"
                   "    end = network.join('slow', 2, 10, 5)\n    child = end.start(['sleep', '1000'])\n"
                   "    print(child.pid, *[each.pid for each in network.children], flush=True)\n    time.sleep(1000)\n")
        with subprocess.Popen([sys.executable, "-B", "-c", program], stdout=subprocess.PIPE, text=True,
                              cwd=Path(__file__).parent) as holder:
            pids = [int(word) for word in holder.stdout.readline().split()]
            self.assertGreaterEqual(len(pids), 1)
            self.assertNotEqual(os.readlink(f"/proc/{pids[0]}/ns/net"), os.readlink("/proc/self/ns/net"))
            holder.send_signal(signal.SIGKILL)
        for pid in pids:
            until(lambda pid=pid: gone(pid))


class Fleet(unittest.TestCase):
    """Three nodes that run no model, and encode for so long that nobody encodes beside another."""

    def test_a_cold_picture_asked_of_all_at_once_is_encoded_once(self):
        sys.path.insert(0, str(ROOT / "bench/fleet"))
        import real_load
        import real_nodes
        profile = json.loads((ROOT / "samples/devices/l4.json").read_text())
        profile["models"][0]["encode_ms"] = 4000
        with tempfile.TemporaryDirectory(prefix="fovea-namespaces-") as folder:
            (Path(folder) / "slow.json").write_text(json.dumps(profile))
            fleet = {"nodes": [{"name": "node", "device": "slow.json", "count": 3}], "shared": {}}
            prompts = real_load.Prompts(8000, profile)
            with real_nodes.RealFleet(fleet, folder, os.environ["FOVEA_PROGRAM"], folder) as real:
                answers = [None] * 3

                def ask(number):
                    with contextlib.closing(real.connection(real.ends[number].address)) as connection:
                        answers[number] = real_nodes.ask(connection, prompts.body("cold", number))

                threads = [threading.Thread(target=ask, args=(number,)) for number in range(3)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        self.assertEqual([answer.status for answer in answers], [200] * 3, [answer.text for answer in answers])
        self.assertEqual(sum(answer.way == "encoded" for answer in answers), 1, [answer.way for answer in answers])
        self.assertEqual({answer.node() for answer in answers}, {"node-1", "node-2", "node-3"})


if __name__ == "__main__":
    if why := namespaces.obstacle():
        print(f"skipped: {why}")
        sys.exit(1 if "FOVEA_NO_SKIP" in os.environ else 77)
    unittest.main()
