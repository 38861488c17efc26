"""Frames of one camera, over HTTP: near ones are told, all others are exact, and a purge reaches what is near."""

import base64
import json
import random
import re
import unittest
import zlib

from http_server_test import Server, png

SIDE = 96
FRAMES_MAX = 60  # until one is near: the noise is learnt from ten, and not every encoded frame may stand for others


class Camera:
    """A still scene with a sensor's noise."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.scene = [70 + (x // 3 * 3 + 2 * y) % 90 for y in range(SIDE) for x in range(3 * SIDE)]

    def paint(self, left, top, side, level):
        for y in range(top, top + side):
            for x in range(3 * left, 3 * (left + side)):
                self.scene[y * 3 * SIDE + x] = level

    def frame(self):
        seen = bytes(min(255, max(0, round(level + self.random.gauss(0, 2)))) for level in self.scene)
        rows = b"".join(b"\0" + seen[y * 3 * SIDE:(y + 1) * 3 * SIDE] for y in range(SIDE))
        return png(SIDE, SIDE, zlib.compress(rows, 1))


class Frames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--frames", "tolerance", "--frames-exact-every", "1000")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def setUp(self):
        self.camera = Camera(self.id())
        self.name = self.id()

    def ask(self, picture=None, question="What is it?", server=None, **more):
        """The outcome of the frame, all of Cache-Status, and the reply."""
        more = {"prompt_cache_key": self.name, "max_tokens": 4, **more}
        status, cache, reply = (server or self.server).ask(picture or self.camera.frame(), question, **more)
        self.assertEqual(status, 200, reply)
        first = re.match(r"fovea-frames; ([^,]*?)(; detail=[a-z_]+)?,", cache)
        return first and first[1], cache, reply

    def ask_until_near(self, **more):
        for _ in range(FRAMES_MAX):
            outcome, cache, reply = self.ask(**more)
            if outcome == "hit; approximate":
                return cache, reply
        self.fail("no frame is near")

    def delete(self, key):
        return self.server.request("DELETE", f"/v1/cache/images/{key}")[0]

    def keys(self, body, path="/v1/chat/completions"):
        status, headers, _ = self.server.request("POST", path, body)
        self.assertEqual(status, 200)
        return headers["Fovea-Image-Keys"], headers["Cache-Status"]

    def test_a_near_frame_is_told(self):
        self.assertEqual(self.ask()[0], "fwd=miss", "the first one is encoded")
        _, reply = self.ask_until_near()
        details = reply["usage"]["prompt_tokens_details"]
        self.assertEqual(details["approximate_tokens"], details["image_tokens"])
        cache, again = self.ask_until_near()
        self.assertIn("fovea-response; hit", cache)
        self.assertEqual(again["choices"], reply["choices"])
        metrics = self.server.request("GET", "/metrics")[2].decode()
        for labels in ('outcome="near"', 'outcome="exact",reason="first"', 'outcome="exact",reason="learning"'):
            self.assertRegex(metrics, rf'(?m)^fovea_frame_tiles_total\{{{labels}\}} [1-9]\d*$')
        for gauge in ("fovea_frame_sources", "fovea_frame_memory_bytes"):
            self.assertRegex(metrics, rf"(?m)^{gauge} [1-9]")
        state = json.loads(self.server.request("GET", "/v1/dashboard/state")[2])
        self.assertGreater(state["approximate"], 0)
        self.assertEqual(state["recent_requests"][-1]["tiles_near"], 1)

    def test_it_is_told_why_a_frame_is_not_near(self):
        self.assertIn("fovea-frames; fwd=miss; detail=first,", self.ask()[1])
        self.assertIn("fovea-frames; fwd=miss; detail=learning,", self.ask()[1])

    def test_choices_and_streams_of_a_near_frame_are_told(self):
        self.ask_until_near()
        reply = self.ask_until_near(n=2)[1]
        first, second = (choice["message"]["content"] for choice in reply["choices"])
        self.assertEqual(first, second)
        tokens = reply["usage"]["prompt_tokens_details"]
        self.assertEqual(tokens["approximate_tokens"], tokens["image_tokens"])
        body = json.loads(question(self.camera.frame(), self.name))
        body.update(stream=True, stream_options={"include_usage": True})
        for _ in range(FRAMES_MAX):
            status, headers, text = self.server.request("POST", "/v1/chat/completions", json.dumps(body))
            self.assertEqual(status, 200)
            if headers["Cache-Status"].startswith("fovea-frames; hit; approximate"):
                break
            body["messages"] = json.loads(question(self.camera.frame(), self.name))["messages"]
        self.assertTrue(headers["Cache-Status"].startswith("fovea-frames; hit; approximate"), headers["Cache-Status"])
        chunks = [json.loads(line[6:]) for line in text.decode().splitlines() if line.startswith("data: {")]
        usage = next(chunk["usage"] for chunk in reversed(chunks) if chunk.get("usage"))
        self.assertEqual(usage["prompt_tokens_details"]["approximate_tokens"], tokens["approximate_tokens"])

    def test_max_age_bounds_the_age_of_what_a_frame_is_taken_for(self):
        self.ask_until_near()
        body = question(self.camera.frame(), self.name)
        _, headers, _ = self.server.request("POST", "/v1/chat/completions", body, {"Cache-Control": "max-age=0"})
        self.assertRegex(headers["Cache-Status"], "^fovea-frames; fwd=miss; detail=too_old,")

    def test_what_appears_is_seen_at_once(self):
        self.ask_until_near()
        self.camera.paint(40, 40, 6, 250)
        outcome, cache, reply = self.ask()
        self.assertEqual(outcome, "fwd=miss")
        self.assertEqual(reply["usage"]["prompt_tokens_details"]["approximate_tokens"], 0)
        self.assertNotIn("fovea-response; hit", cache)

    def test_requests_that_name_no_camera_are_exact(self):
        self.ask_until_near()
        frame = self.camera.frame()
        status, cache, exact = self.server.ask(frame, "What is it?", max_tokens=4)
        self.assertEqual(status, 200)
        self.assertTrue(cache.startswith('fovea-frames; fwd=bypass; detail="the request names no camera'), cache)
        self.assertEqual(exact["usage"]["prompt_tokens_details"]["approximate_tokens"], 0)
        self.assertIn("fovea-response; fwd=miss", cache)
        with Server() as without:
            _, told, reply = without.ask(frame, "What is it?", max_tokens=4, prompt_cache_key=self.name)
            self.assertEqual(reply["choices"], exact["choices"])
            self.assertNotIn("fovea-frames", told)
            self.assertNotIn("approximate_tokens", reply["usage"]["prompt_tokens_details"])
        self.assertIn("the frame is known exactly", self.ask(frame)[1])

    def test_requests_that_may_not_use_the_cache_are_exact(self):
        self.ask_until_near()
        body = question(self.camera.frame(), self.name)
        for control in ("no-cache", "no-store"):
            _, headers, _ = self.server.request("POST", "/v1/chat/completions", body, {"Cache-Control": control})
            self.assertRegex(headers["Cache-Status"], "^fovea-frames; fwd=request; detail=")

    def test_salts_and_cameras_share_nothing(self):
        self.ask_until_near()
        for other in ({"cache_salt": "other"}, {"prompt_cache_key": self.name + " 2"}):
            self.assertEqual(self.ask(**other)[0], "fwd=miss")

    def test_a_purge_reaches_what_frames_are_near_to(self):
        first, _ = self.keys(question(self.camera.frame(), self.name))
        seen = {first}
        for _ in range(FRAMES_MAX):
            key, status = self.keys(question(self.camera.frame(), self.name))
            if status.startswith("fovea-frames; hit"):
                break
            seen.add(key)
        self.assertTrue(status.startswith("fovea-frames; hit"), status)
        self.assertNotIn(key, seen, "a near frame keeps its own key")
        for encoded in seen:  # one of them is what the last frame is near to
            self.assertIn(self.delete(encoded), (200, 204))
        self.assertEqual(self.ask()[0], "fwd=miss")

    def test_users_are_no_cameras(self):
        self.ask_until_near()
        for user in ({"user": self.name}, {"metadata": {"user_id": self.name}}):
            _, cache, _ = self.server.ask(self.camera.frame(), "What is it?", max_tokens=4, **user)
            self.assertIn("the request names no camera", cache)
        image = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(self.camera.frame()).decode()}
        content = [{"type": "image", "source": image}, {"type": "text", "text": "What is it?"}]
        body = json.dumps({"model": "any", "max_tokens": 4, "metadata": {"user_id": self.name},
                           "messages": [{"role": "user", "content": content}]})
        self.assertIn("the request names no camera", self.keys(body, "/v1/messages")[1])

    def test_only_a_stored_answer_is_not_compared(self):
        self.ask_until_near()
        status, _, body = self.server.request("POST", "/v1/chat/completions", question(self.camera.frame(), self.name),
                                              {"Cache-Control": "only-if-cached"})
        self.assertEqual((status, json.loads(body)["error"]["code"]), (504, "not_stored"))


def question(picture, name):
    url = "data:image/png;base64," + base64.b64encode(picture).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is it?"}]
    return json.dumps({"temperature": 0, "max_tokens": 4, "prompt_cache_key": name,
                       "messages": [{"role": "user", "content": content}]})


if __name__ == "__main__":
    unittest.main()
