"""deploy/kubernetes/endpoint-picker beside a real server: what its files name is there, and what the picker asks is answered.

The picker is a program in Go and runs in no test: recorded/endpoint_picker.json has what it sent when it was run.
"""

import json
import os
import re
import subprocess
import unittest
from pathlib import Path

import fleet  # finds the tests of serve
from http_server_test import PROGRAM, Server, WAIT_S

FOLDER = Path(os.environ["FOVEA_SOURCE_DIR"]) / "deploy/kubernetes/endpoint-picker"
RECORDED = json.loads((Path(__file__).parent / "recorded/endpoint_picker.json").read_text())
SPECS = ("queuedRequestsSpec", "runningRequestsSpec", "kvUsageSpec")


def text_of(name):
    """A file without its comments: the base environment reads no YAML."""
    return re.sub(r"(?m)^ *#.*\n", "", (FOLDER / name).read_text())


def values(text, field):
    return re.findall(rf"(?m)^[ -]*{field}: (.+)$", text)


class Configuration(unittest.TestCase):
    text = text_of("picker-config.yaml")

    def test_what_it_refers_to_is_there(self):
        plugins = values(self.text, "type")
        self.assertEqual(len(plugins), len(set(plugins)))
        self.assertLessEqual(set(values(self.text, "pluginRef")), set(plugins))
        self.assertIn(values(self.text, "defaultEngine")[0], values(self.text, "name"))

    def test_a_picture_outweighs_every_queue(self):
        weights = dict(re.findall(r"- pluginRef: (\S+)\n +weight: (\d+)", self.text))
        picture = int(weights.pop("mm-embeddings-cache-scorer"))
        self.assertGreater(picture, sum(map(int, weights.values())))

    def test_ports_and_names_are_those_of_the_other_files(self):
        picker, pool = text_of("picker.yaml"), text_of("inference-pool.yaml")
        address, = values(self.text, "url")
        self.assertEqual(address, f"http://127.0.0.1:{self.environment()['FOVEA_PORT']}")
        self.assertIn(f"--pool-name={values(pool, 'name')[0]}", picker)
        self.assertIn(values(pool, "name")[1], values(picker, "name"))  # the Service of endpointPickerRef
        base = (FOLDER.parent / "base/nodes.yaml").read_text()
        self.assertIn(f"containerPort: {values(pool, 'number')[0]}", base)
        self.assertIn(f"app.kubernetes.io/name: {values(pool, 'app.kubernetes.io/name')[0]}\n", base)

    def test_the_server_that_names_pictures_starts_with_its_settings(self):
        done = subprocess.run([PROGRAM, "serve", "--print-config"], env={**os.environ, **self.environment()},
                              capture_output=True, text=True, timeout=WAIT_S)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name, value in self.environment().items():
            flag = name.removeprefix("FOVEA_").lower().replace("_", "-")
            self.assertRegex(done.stdout, rf'(?m)^{flag}="?{re.escape(value)}"?$')

    @staticmethod
    def environment():
        pairs = re.findall(r"- name: (FOVEA_\w+)\n +value: (\S+)", text_of("picker.yaml"))
        return {name: value.strip('"') for name, value in pairs}


class Answers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(Server())

    def test_the_gauges_that_it_reads_are_there_once_and_without_labels(self):
        status, fields, body = self.server.request("GET", RECORDED["scrape"]["path"], headers=RECORDED["scrape"]["headers"])
        self.assertEqual((status, fields["Content-Type"].split(";")[0]), (200, "text/plain"))
        page = body.decode()
        text = text_of("picker-config.yaml")
        for spec in SPECS:
            name, = values(text, spec)
            self.assertIn(f"# TYPE {name} gauge\n", page)
            self.assertEqual(re.findall(rf"(?m)^{name}\b.*$", page), [f"{name} 0"])

    def test_what_it_asks_is_answered_and_pictures_have_the_names_that_they_had(self):
        for asked in RECORDED["renders"]:
            with self.subTest(asked["name"]):
                status, _, body = self.server.request("POST", asked["path"], asked["body"], asked["headers"])
                self.assertEqual(status, asked["status"], body)
                if status != 200:
                    continue
                reply = json.loads(body)
                self.assertTrue(all(isinstance(token, int) and token >= 0 for token in reply["token_ids"]))
                features = reply["features"] or {"mm_hashes": {"image": []}, "mm_placeholders": {"image": []}}
                self.assertEqual(features["mm_hashes"]["image"], asked["pictures"])
                for place in features["mm_placeholders"]["image"]:
                    tokens = reply["token_ids"][place["offset"]:place["offset"] + place["length"]]
                    self.assertEqual((len(tokens), set(tokens)), (place["length"], {0}))

    def test_a_picture_is_named_as_in_answers(self):
        asked = next(one for one in RECORDED["renders"] if one["name"] == "chat completions")
        status, fields, body = self.server.request("POST", "/v1/chat/completions", asked["body"])
        self.assertEqual(status, 200, body)
        self.assertEqual(fields["Fovea-Image-Keys"], asked["pictures"][0])

    def test_every_path_of_the_route_is_answered(self):
        paths = values(text_of("http-route.yaml"), "value")
        self.assertIn("/v1/chat/completions", paths)
        for path in paths:
            found = [self.server.request(method, path, "{}" if method == "POST" else None)[0] for method in ("GET", "POST")]
            self.assertNotEqual(found, [404, 404], path)


if __name__ == "__main__":
    unittest.main()
