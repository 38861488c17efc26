"""The files of deploy/ that a program of this system can read: Prometheus', HAProxy's and the flags of nodes."""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from balancer import checked

SOURCE = Path(os.environ["FOVEA_SOURCE_DIR"])
PROGRAM = os.environ["FOVEA_PROGRAM"]
DEPLOY = SOURCE / "deploy"
WAIT_S = 60


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=WAIT_S, **more)


class Prometheus(unittest.TestCase):
    def test_promtool_takes_the_configurations_and_their_rules(self):
        for name in ("fleet.yml", "kubernetes.yml"):
            done = run("promtool", "check", "config", "--lint=all", "--lint-fatal", DEPLOY / "prometheus" / name)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("1 rule files found", done.stdout)

    def test_alerts_ring_when_they_should(self):
        done = run("promtool", "test", "rules", DEPLOY / "prometheus/alerts_test.yml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        alerts, tested = (set(re.findall(r"(?<!exp_)alert(?:name)?: (\w+)", (DEPLOY / "prometheus" / name).read_text()))
                          for name in ("alerts.yml", "alerts_test.yml"))
        self.assertEqual(alerts, tested)


class Balancer(unittest.TestCase):
    def test_files_of_containers_follow_the_shipped_one(self):
        done = run(sys.executable, "-B", SOURCE / "tools/deploy/balancer_files.py", "--check")
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_haproxy_takes_them(self):
        for path in ("compose/haproxy.cfg", "kubernetes/overlays/fleet/haproxy.cfg"):
            taken, words = checked(DEPLOY / path)
            self.assertTrue(taken, words)
            self.assertNotRegex(words, "(?i)warning")


class Flags(unittest.TestCase):
    def test_variables_of_nodes_are_flags(self):
        known = set(re.findall(r"\(Env:(FOVEA_\w+)\)", run(PROGRAM, "serve", "--help").stdout))
        self.assertGreater(len(known), 20)
        used = set()
        for path in [DEPLOY / "compose/compose.yaml", *sorted((DEPLOY / "kubernetes").rglob("*.yaml"))]:
            used |= set(re.findall(r"^\s+(?:- name: )?(FOVEA_\w+)(?:$|: )", path.read_text(), re.MULTILINE))
        self.assertLessEqual({"FOVEA_HOST", "FOVEA_KEYS", "FOVEA_SHARED", "FOVEA_DISK_CACHE"}, used)
        self.assertEqual(used - known, set())


class Secrets(unittest.TestCase):
    def made(self, folder):
        done = run(DEPLOY / "secrets.sh", folder, env={**os.environ, "FOVEA": PROGRAM})
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        return {path.name: path.read_text() for path in folder.iterdir()}

    def test_they_are_made_once_and_nobody_else_may_look(self):
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(parent) / "secrets"
            first = self.made(folder)
            self.assertEqual(set(first), {"fleet.key", "valkey.password", "grafana.password", "api.key", "admin.key", "keys.toml"})
            self.assertEqual(first["keys.toml"].count("admin = true"), 1)
            self.assertEqual(len(set(first.values())), len(first))
            self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
            self.assertEqual(self.made(folder), first)

    def test_a_program_that_fails_leaves_no_keys(self):
        with tempfile.TemporaryDirectory() as parent:
            done = run(DEPLOY / "secrets.sh", parent, env={**os.environ, "FOVEA": "false"})
            self.assertNotEqual(done.returncode, 0)
            self.assertFalse((Path(parent) / "keys.toml").exists())


if __name__ == "__main__":
    unittest.main()
