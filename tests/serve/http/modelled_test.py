"""`fovea serve --modelled`: made-up answers with a profile's times, and real levels around them."""

import json
import os
import subprocess
import time
import unittest
from pathlib import Path

from http_server_test import PROGRAM, Server, question_about, sample

PROFILE = Path(os.environ["FOVEA_SOURCE_DIR"]) / "samples/devices/l4.json"
MODEL = json.loads(PROFILE.read_text())["models"][0]


class Modelled(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--modelled", str(PROFILE))

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def answered(self, picture, question, **more):
        status, cache, reply = self.server.ask(sample(picture), question, **more)
        self.assertEqual(status, 200, reply)
        return reply["choices"][0]["message"]["content"], cache

    def test_answers_say_that_they_are_made_up_and_follow_from_the_picture(self):
        text, cache = self.answered("one.png", "What is it?")
        self.assertTrue(text.startswith("made up: "), text)
        self.assertIn("fovea-response; fwd=miss; stored", cache)
        self.assertEqual(self.answered("one.png", "What is it?"), (text, "fovea-response; hit"))
        other, cache = self.answered("one.png", "What else is it?")
        self.assertNotEqual(other, text)
        self.assertIn("fovea-prefix; hit", cache)
        behind, cache = self.answered("one.png", "What is it?", system="Be brief.")
        self.assertNotEqual(behind, text)
        self.assertIn("fovea-embedding; hit", cache)
        self.assertNotEqual(self.answered("two.png", "What is it?")[0], text)

    def test_they_take_at_least_what_the_profile_says(self):
        began = time.monotonic()
        self.answered("three.png", "What is it?", max_tokens=20)
        seconds = time.monotonic() - began
        self.assertGreaterEqual(1000 * seconds, MODEL["encode_ms"] + MODEL["load"]["question_ms"] + 19 * MODEL["batches"][0]["ms"])

    def test_a_stream_is_the_same_answer(self):
        text, _ = self.answered("four.png", "What is it?")
        body = question_about(sample("four.png"), "What is it?", stream=True)
        streamed = self.server.request("POST", "/v1/chat/completions", body, {"Cache-Control": "no-cache"})[2].decode()
        events = [json.loads(line[6:]) for line in streamed.splitlines() if line.startswith("data: {")]
        pieces = [event["choices"][0]["delta"].get("content") or "" for event in events if event["choices"]]
        self.assertEqual("".join(pieces), text)

    def test_the_server_says_so(self):
        props = json.loads(self.server.request("GET", "/props")[2])
        self.assertIn("made-up answers", props["kernels"])
        self.assertEqual(props["model_alias"], MODEL["name"] + "-modelled")

    def test_what_nothing_made_up_can_be_is_refused(self):
        status, _, reply = self.server.ask(sample("one.png"), response_format={"type": "json_object"})
        self.assertEqual(status, 400)
        self.assertIn("made up", reply["error"]["message"])


class Refused(unittest.TestCase):
    def test_a_file_that_is_no_profile(self):
        ran = subprocess.run([PROGRAM, "serve", "--modelled", __file__], capture_output=True, text=True)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("--modelled: ", ran.stderr)


if __name__ == "__main__":
    unittest.main()
