"""deploy/compose as Docker Compose reads it. tests/deploy/compose_test.py runs what it says."""

import json
import re
import subprocess
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
FILE = CHECKOUT / "deploy/compose/compose.yaml"
WAIT_S = 60


def read(*words, **environment):
    done =  subprocess.run(["docker-compose", "--file", FILE, "config", *words], capture_output=True, text=True,
                          timeout=WAIT_S, env={"PATH": "/usr/bin:/bin", **environment})
    assert done.returncode == 0, done.stderr
    return done


class Shipped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.services = json.loads(read("--format", "json").stdout)["services"]

    def test_compose_takes_it_without_a_word(self):
        done = read("--quiet")
        self.assertEqual((done.stdout, done.stderr), ("", ""))

    def test_variables_change_what_the_readme_says(self):
        done = read("--format", "json", FOVEA_IMAGE="registry/fovea", FOVEA_ADDRESS="0.0.0.0:8443", FOVEA_MODELS="/srv/models",
                    FOVEA_MODEL="/models/a.gguf", FOVEA_MMPROJ="/models/b.gguf", FOVEA_CACHE_SIZE="8GiB")
        services = json.loads(done.stdout)["services"]
        node = services["fovea2"]
        self.assertEqual(node["image"], "registry/fovea")
        self.assertEqual(node["environment"]["FOVEA_MODEL"], "/models/a.gguf")
        self.assertEqual(node["environment"]["FOVEA_CACHE_SIZE"], "8GiB")
        self.assertIn(("/srv/models", "/models"), [(volume["source"], volume["target"]) for volume in node["volumes"]])
        port, = services["haproxy"]["ports"]
        self.assertEqual((port["host_ip"], port["published"], port["target"]), ("0.0.0.0", "8443", 8080))
        readme = FILE.with_name("README.md").read_text()
        for name in set(re.findall(r"\$\{(\w+)", FILE.read_text())):
            self.assertIn(f"`{name}`", readme)

    def test_services_have_the_fewest_rights(self):
        for name, service in self.services.items():
            with self.subTest(service=name):
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertTrue(service.get("read_only") or name == "grafana")  # which unpacks its plugins
                for port in service.get("ports", []):
                    self.assertEqual(port["host_ip"], "127.0.0.1")

    def test_what_answers_clients_ends_its_answers(self):
        for name in ("fovea1", "fovea2", "fovea3", "haproxy"):
            self.assertEqual(self.services[name]["stop_grace_period"], "45s")

    def test_nodes_and_the_shared_tier_are_reached_by_the_fleet_alone(self):
        for name in ("fovea1", "fovea2", "fovea3", "valkey"):
            self.assertEqual(list(self.services[name]["networks"]), ["fleet"])
            self.assertNotIn("ports", self.services[name])

    def test_mounted_files_are_in_the_checkout(self):
        for name, service in self.services.items():
            for volume in service.get("volumes", []):
                if volume["type"] == "bind":
                    self.assertTrue(Path(volume["source"]).exists(), f"{name}: {volume['source']}")


if __name__ == "__main__":
    unittest.main()
