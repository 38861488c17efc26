"""Faults that other servers had with pictures, over HTTP, in whole replies and in streams; each test names its incident.

The bundled model answers; the one that calls tools where tools are asked for.
"""

import base64
import io
import json
import os
import re
import threading
import time
import unittest
from pathlib import Path

from PIL import Image

from http_server_test import ENDLESS, POST, WAIT_S, Server, picture_number, question_about, sample

MODELS = Path(os.environ["FOVEA_SOURCE_DIR"]) / "models/tiny"
TOOL_MODEL = ["-m", str(MODELS / "fovea-tiny-tools.gguf"), "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf")]
QUESTION, ANSWER = "What color is the star?", "black"
BOTH = (False, True)  # whole, streamed
SCHEMA = {"type": "object", "properties": {"shape": {"type": "string"}}, "required": ["shape"]}


def url(picture, kind="image/png"):
    return f"data:{kind};base64," + base64.b64encode(picture).decode()


def image(picture, kind="image/png"):
    return {"type": "image_url", "image_url": {"url": url(picture, kind)}}


def text(words):
    return {"type": "text", "text": words}


def encoded(picture, kind="PNG", **how):
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def opened(name):
    return Image.open(io.BytesIO(sample(name))).convert("RGB")


class Asking(unittest.TestCase):
    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, path, document):
        status, headers, body = self.server.request("POST", path, json.dumps(document))
        self.assertEqual(status, 200, body[:500])
        return headers, body

    def chat(self, messages, stream=False, **more):
        """The answer's text, and the reply's headers."""
        asked = {"temperature": 0, "max_tokens": 24, "messages": messages, "stream": stream, **more}
        headers, body = self.post("/v1/chat/completions", asked)
        if not stream:
            return json.loads(body)["choices"][0]["message"]["content"], headers
        events = [json.loads(line[6:]) for line in body.splitlines() if line.startswith(b"data: {")]
        return "".join(choice["delta"].get("content") or "" for event in events for choice in event["choices"]), headers

    def look(self, picture, question=QUESTION, kind="image/png", **more):
        return self.chat([{"role": "user", "content": [image(picture, kind), text(question)]}], **more)

    def key_of(self, picture, kind="image/png"):
        return self.look(picture, kind=kind)[1]["Fovea-Image-Keys"]

    def encodes(self):
        """Tiles that were encoded so far."""
        levels = json.loads(self.server.request("GET", "/v1/cache/stats")[2])["levels"]
        return next(level["insertions"] for level in levels if level["level"] == "embedding")


class Pictures(Asking):
    def test_turned_pictures_are_the_upright_one(self):
        """Incident 24."""
        upright = opened("one.png").resize((96, 80))
        turned = upright.transpose(Image.Transpose.ROTATE_90)
        exif = Image.Exif()
        exif[0x0112] = 6
        expected = self.key_of(encoded(upright))
        for kind, how in (("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {})):
            with self.subTest(kind):
                turned_file = encoded(turned, kind, exif=exif, **how)
                self.assertEqual(self.key_of(turned_file, "image/" + kind.lower()), expected)

    def test_what_lies_under_no_opacity_is_not_seen(self):
        """Incident 25."""
        keys = set()
        for hidden in ((255, 0, 0, 0), (0, 255, 0, 0)):
            picture = opened("one.png").convert("RGBA")
            picture.paste(hidden, (0, 0, 20, 20))
            keys.add(self.key_of(encoded(picture)))
        self.assertEqual(len(keys), 1)

    def test_thin_pictures(self):
        """Incident 26."""
        for size in ((1, 1), (2, 1), (1, 2), (1, 700), (700, 1), (1093, 5)):
            for stream in BOTH:
                with self.subTest(size=size, stream=stream):
                    self.assertTrue(self.look(encoded(Image.new("RGB", size, "red")), "Is there a circle?", stream=stream)[0])

    def test_no_format_is_dropped_in_silence(self):
        """Incident 27."""
        for picture in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7\n", encoded(opened("one.png"), "ICO", sizes=[(32, 32)]), b"BM"):
            for stream in BOTH:
                with self.subTest(picture=picture[:8], stream=stream):
                    status, _, body = self.server.request("POST", "/v1/chat/completions", question_about(picture, "?", stream=stream))
                    self.assertEqual(status, 400, body[:200])

    def test_data_urls_as_people_write_them(self):
        """Incident 28."""
        picture = sample("two.png")
        letters, expected = base64.b64encode(picture).decode(), self.key_of(picture)
        for written in (f"DATA:image/png;base64,{letters}", f"data:;base64,{letters}", f"data:image/png;charset=utf-8;BASE64,{letters}",
                        "data:image/png;base64," + letters.rstrip("="), url(picture, "image/jpeg"),
                        "data:image/png;base64," + base64.urlsafe_b64encode(picture).decode()):
            for part in ({"type": "image_url", "image_url": {"url": written}}, {"type": "image_url", "image_url": written}):
                with self.subTest(written=written[:40], part=type(part["image_url"])):
                    headers = self.chat([{"role": "user", "content": [part, text("What is it?")]}])[1]
                    self.assertEqual(headers["Fovea-Image-Keys"], expected)

    def test_errors_do_not_echo_pictures(self):
        """Incident 29."""
        letters = base64.b64encode(os.urandom(200_000)).decode()
        for part in (image(base64.b64decode(letters)), {"type": "image_url", "image_url": {"url": letters}},
                     {"type": "image_url", "image_url": {"address": letters}}, {"type": letters}, {"type": "text", "text": {"a": letters}}):
            asked = json.dumps({"messages": [{"role": "user", "content": [part]}]})
            status, _, body = self.server.request("POST", "/v1/chat/completions", asked)
            self.assertEqual(status, 400)
            self.assertLess(len(body), 2000)

    def test_several_turns_and_pictures(self):
        """Incident 32."""
        names = ("one.png", "two.png", "three.png", "four.png", "five.png")
        for stream in BOTH:
            self.server.request("POST", "/v1/cache/reset")
            messages, keys = [], []
            for number, name in enumerate(names):
                messages.append({"role": "user", "content": [image(sample(name)), text("How many shapes are there?")]})
                before = self.encodes()
                said, headers = self.chat(messages, stream)
                self.assertEqual(self.encodes() - before, 1, f"turn {number + 1} encodes the new picture alone")
                keys = headers["Fovea-Image-Keys"].split(", ")
                self.assertEqual(len(set(keys)), number + 1)
                self.assertNotIn("fovea-response; hit", headers["Cache-Status"])
                messages.append({"role": "assistant", "content": said})
            self.assertEqual(keys, [self.key_of(sample(name)) for name in names])
            other = [*messages[:4], {"role": "user", "content": [image(sample("four.png")), text("How many shapes are there?")]}]
            self.assertNotIn("fovea-response; hit", self.chat(other, stream)[1]["Cache-Status"], "another third picture")

    def test_twelve_pictures(self):
        """Incident 36."""
        pictures = [picture_number(number) for number in range(12)]
        for stream in BOTH:
            said, headers = self.chat([{"role": "user", "content": [*map(image, pictures), text("How many shapes are there?")]}], stream)
            self.assertTrue(said)
            self.assertEqual(len(set(headers["Fovea-Image-Keys"].split(", "))), 12)


class FromTools(Asking):
    flags = TOOL_MODEL

    def test_pictures_from_tools_are_pictures(self):
        """Incident 30: in every API they are seen, under the key that they have from a user."""
        picture = sample("one.png")
        expected = self.key_of(picture)
        call = {"id": "c1", "type": "function", "function": {"name": "find", "arguments": '{"shape": "star"}'}}
        tool = {"type": "function", "function": {"name": "find", "parameters": SCHEMA}}
        messages = [{"role": "user", "content": QUESTION}, {"role": "assistant", "tool_calls": [call]},
                    {"role": "tool", "tool_call_id": "c1", "content": [text("ok"), image(picture)]}]
        before = self.encodes()
        for stream in BOTH:
            said, headers = self.chat(messages, stream, tools=[tool])
            self.assertEqual((said, headers["Fovea-Image-Keys"]), (ANSWER, expected))
        self.assertEqual(self.encodes(), before, "the user's picture is found")

    def test_in_responses(self):
        """Incident 30."""
        items = [{"role": "user", "content": QUESTION},
                 {"type": "function_call", "call_id": "c1", "name": "find", "arguments": '{"shape": "star"}'},
                 {"type": "function_call_output", "call_id": "c1",
                  "output": [{"type": "input_image", "image_url": url(sample("one.png"))}]}]
        asked = {"input": items, "temperature": 0, "max_output_tokens": 24,
                 "tools": [{"type": "function", "name": "find", "parameters": SCHEMA}]}
        headers, body = self.post("/v1/responses", asked)
        self.assertEqual(json.loads(body)["output"][-1]["content"][0]["text"], ANSWER)
        self.assertEqual(headers["Fovea-Image-Keys"], self.key_of(sample("one.png")))
        self.assertIn(b'"delta":"' + ANSWER.encode(), self.post("/v1/responses", {**asked, "stream": True})[1])

    def test_in_messages(self):
        """Incident 30."""
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(sample("one.png")).decode()}
        messages = [{"role": "user", "content": QUESTION},
                    {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "find", "input": {"shape": "star"}}]},
                    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1",
                                                  "content": [{"type": "image", "source": source}]}]}]
        asked = {"messages": messages, "temperature": 0, "max_tokens": 24, "tools": [{"name": "find", "input_schema": SCHEMA}]}
        headers, body = self.post("/v1/messages", asked)
        self.assertEqual(json.loads(body)["content"][0]["text"], ANSWER)
        self.assertEqual(headers["Fovea-Image-Keys"], self.key_of(sample("one.png")))
        self.assertIn(ANSWER.encode(), self.post("/v1/messages", {**asked, "stream": True})[1])


class Others(unittest.TestCase):
    def test_one_that_leaves_while_queued_disturbs_nobody(self):
        """Incident 33: whose answer is computed goes on, and the place in the queue is free again."""
        for stream in BOTH:
            with self.subTest(stream=stream), Server("--parallel", "1", "--max-requests", "2") as server:
                server.wait_s = 600  # a long answer, where others use the processors
                answers = []
                body = question_about(sample("one.png"), "What is it?", stream=stream, **{**ENDLESS, "max_tokens": 700})
                first = threading.Thread(target=lambda: answers.append(server.request("POST", "/v1/chat/completions", body)))
                first.start()
                until(lambda: b"\nfovea_requests_running 1\n" in server.request("GET", "/metrics")[2])
                leaving = question_about(sample("two.png"), "What is it?", stream=stream).encode()
                with server.connect() as connection:
                    connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(leaving) + leaving)
                    until(lambda: b"\nfovea_requests_waiting 1\n" in server.request("GET", "/metrics")[2])
                    metrics = server.request("GET", "/metrics")[2]
                    self.assertIn(b"\nfovea_requests_in_progress 2\n", metrics)
                    self.assertIn(b"\nfovea_requests_running 1\n", metrics)
                    self.assertGreater(float(re.search(rb"\nfovea_kv_cache_usage_ratio (\S+)\n", metrics)[1]), 0)
                    self.assertEqual(server.ask(sample("three.png"))[0], 503)
                    self.assertFalse(answers, "the other one left while the first was computed")
                until(lambda: server.ask(sample("three.png"))[0] == 200)
                first.join()
                self.assertEqual(answers[0][0], 200)
                self.assertIn(b'"finish_reason":"length"', answers[0][2].replace(b" ", b""))

    def test_memory_stays_with_distinct_pictures(self):
        """Incident 34: what levels hold stays within their bounds, and so does the process."""
        small = ["--embedding-cache", "2MiB", "--prefix-cache", "2MiB", "--response-cache", "1MiB"]
        with Server(*small) as server:
            def ask(numbers):
                for number in numbers:
                    self.assertEqual(server.ask(picture_number(number), max_tokens=1)[0], 200)
            ask(range(150))
            settled = server.resident_bytes()
            ask(range(1000, 1300))
            levels = json.loads(server.request("GET", "/v1/cache/stats")[2])["levels"]
            self.assertLess(sum(level["bytes"] for level in levels), 6 << 20)
            if not os.environ.get("FOVEA_SANITIZE"):  # a sanitizer keeps what was freed
                self.assertLess(server.resident_bytes() - settled, 32 << 20)

    def test_health_does_not_wait_for_answers(self):
        """Incident 35."""
        with Server("--parallel", "1", "--grace", "0") as server:
            asking = [threading.Thread(target=self.ask_until_stopped, args=(server, number)) for number in range(4)]
            for thread in asking:
                thread.start()
            until(lambda: b'fovea_cache_insertions_total{level="embedding"} 0' not in server.request("GET", "/metrics")[2])
            for _ in range(20):
                self.assertEqual(server.request("GET", "/health")[0], 200)
            self.assertTrue(all(thread.is_alive() for thread in asking), "health was asked while answers were computed")
            server.stop()
            for thread in asking:
                thread.join()

    @staticmethod
    def ask_until_stopped(server, number):
        try:
            server.request("POST", "/v1/chat/completions", question_about(picture_number(number), "What is it?", **ENDLESS))
        except OSError:
            pass  # the server stopped


def until(happened):
    end = time.monotonic() + WAIT_S * 10
    while not happened():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.005)


if __name__ == "__main__":
    unittest.main()
