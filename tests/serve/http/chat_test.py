"""Chats, completions and what clients of llama-server and vLLM ask besides, over HTTP, with the bundled model."""

import base64
import json
import os
import re
import unittest
from pathlib import Path

from http_server_test import Server, sample

ONE = base64.b64encode(sample("one.png")).decode()
ABOUT_ONE = [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + ONE}}, {"type": "text", "text": "What is it?"}]
QUESTION = [{"role": "user", "content": ABOUT_ONE}]
COUNT = {"type": "function", "function": {"name": "count", "description": "Counts shapes.", "parameters": {
    "type": "object", "properties": {"shape": {"enum": ["circle", "square", "star"]}}, "required": ["shape"],
    "additionalProperties": False}}}
CALL_COUNT = {"tools": [COUNT], "tool_choice": {"type": "function", "function": {"name": "count"}},
              "parallel_tool_calls": False, "max_tokens": 200}


MODELS = Path(os.environ["FOVEA_SOURCE_DIR"]) / "models" / "tiny"
TOOL_MODEL = ["-m", str(MODELS / "fovea-tiny-tools.gguf"), "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf")]


class WithServer(unittest.TestCase):
    flags = []

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, path, status=200, **fields):
        found, self.headers, body = self.server.request("POST", path, json.dumps(fields))
        self.assertEqual(found, status, body[:500])
        return json.loads(body)

    def get(self, path):
        status, _, body = self.server.request("GET", path)
        self.assertEqual(status, 200, body[:500])
        return json.loads(body)

    def chat(self, messages=QUESTION, status=200, **fields):
        return self.post("/v1/chat/completions", status, messages=messages, **{"temperature": 0, "max_tokens": 16, **fields})

    def events(self, path, **fields):
        """The data of each event of a stream, without the last one, [DONE]."""
        status, self.headers, body = self.server.request("POST", path, json.dumps({**fields, "stream": True}))
        self.assertEqual(status, 200, body[:500])
        data = [event.removeprefix("data: ") for event in body.decode().split("\n\n")[:-1]]
        self.assertEqual(data[-1], "[DONE]")
        return [json.loads(event) for event in data[:-1]]

    def streamed_chat(self, messages=QUESTION, **fields):
        """The choices of a streamed chat, put together as clients do."""
        choices = {}
        for event in self.events("/v1/chat/completions", messages=messages, **{"temperature": 0, "max_tokens": 16, **fields}):
            for chunk in event["choices"]:
                choice = choices.setdefault(chunk["index"], {"content": "", "calls": [], "reason": None})
                delta = chunk["delta"]
                choice["content"] += delta.get("content") or ""
                choice["reason"] = chunk["finish_reason"] or choice["reason"]
                for call in delta.get("tool_calls", []):
                    if "id" in call:
                        self.assertEqual(call["index"], len(choice["calls"]))
                        choice["calls"].append({"id": call["id"], "name": call["function"]["name"], "arguments": ""})
                    choice["calls"][call["index"]]["arguments"] += call["function"]["arguments"]
        return [choices[index] for index in sorted(choices)]


class Choices(WithServer):
    def test_several_answers_to_one_prompt(self):
        whole = self.chat(n=3, seed=7, temperature=2)
        texts = [choice["message"]["content"] for choice in whole["choices"]]
        self.assertEqual([choice["index"] for choice in whole["choices"]], [0, 1, 2])
        singly = [self.chat(seed=seed, temperature=2) for seed in (7, 8, 9)]
        self.assertEqual([reply["choices"][0]["message"]["content"] for reply in singly], texts)
        self.assertEqual(whole["usage"]["completion_tokens"], sum(reply["usage"]["completion_tokens"] for reply in singly))
        self.assertEqual(whole["usage"]["prompt_tokens"], singly[0]["usage"]["prompt_tokens"])
        streamed = self.streamed_chat(n=3, seed=7, temperature=2)
        self.assertEqual([choice["content"] for choice in streamed], texts)

    def test_log_probabilities_of_each(self):
        reply = self.chat(n=2, logprobs=True, top_logprobs=1)
        for choice in reply["choices"]:
            spelt = b"".join(bytes(token["bytes"]) for token in choice["logprobs"]["content"])
            self.assertEqual(spelt.decode(), choice["message"]["content"])

    def test_no_answer_at_all(self):
        reply = self.chat(max_tokens=0)
        self.assertEqual(reply["choices"][0]["message"]["content"], "")
        self.assertEqual(reply["choices"][0]["finish_reason"], "length")
        self.assertEqual(reply["usage"]["completion_tokens"], 0)

    def test_usage_tells_of_images(self):
        usage = self.chat()["usage"]
        self.assertGreater(usage["prompt_tokens_details"]["image_tokens"], 0)
        self.assertLess(usage["prompt_tokens_details"]["image_tokens"], usage["prompt_tokens"])

    def test_what_is_drawn_at_random_is_not_stored(self):  # incident 18
        fields = {"temperature": 1, "seed": None}
        for _ in range(2):
            self.chat(**fields)
            self.assertIn("fovea-response; fwd=bypass", self.headers["Cache-Status"])

    def test_a_stored_answer_has_an_id_of_its_own_and_comes_as_asked(self):  # incident 20
        first = self.chat(max_tokens=15)
        second = self.chat(max_tokens=15)
        self.assertIn("fovea-response; hit", self.headers["Cache-Status"])
        self.assertEqual(first["choices"], second["choices"])
        self.assertNotEqual(first["id"], second["id"])
        streamed = self.streamed_chat(max_tokens=15)
        self.assertIn("fovea-response; hit", self.headers["Cache-Status"])
        self.assertEqual(streamed[0]["content"], first["choices"][0]["message"]["content"])


class Tools(WithServer):
    flags = TOOL_MODEL

    def check_call(self, name, arguments):
        self.assertEqual(name, "count")
        self.assertIn(json.loads(arguments)["shape"], ["circle", "square", "star"])

    def test_a_named_tool_is_called_whole_streamed_and_stored(self):
        ids = set()
        for _ in range(2):
            choice = self.chat(**CALL_COUNT)["choices"][0]
            (call,) = choice["message"]["tool_calls"]
            self.assertEqual(choice["finish_reason"], "tool_calls")
            self.assertIsNone(choice["message"]["content"])
            self.check_call(call["function"]["name"], call["function"]["arguments"])
            (streamed,) = self.streamed_chat(**CALL_COUNT)
            (other,) = streamed["calls"]
            self.assertEqual(streamed["reason"], "tool_calls")
            self.assertEqual((other["name"], other["arguments"]), (call["function"]["name"], call["function"]["arguments"]))
            ids |= {call["id"], other["id"]}
        self.assertIn("fovea-response; hit", self.headers["Cache-Status"])
        self.assertEqual(len(ids), 4, "each reply gives its calls ids of its own")

    def test_a_call_that_a_stop_text_cuts_is_no_finished_call(self):
        fields = {**CALL_COUNT, "stop": ['shape"']}
        choice = self.chat(**fields)["choices"][0]
        self.assertEqual((choice["finish_reason"], len(choice["message"]["tool_calls"])), ("stop", 1))
        (streamed,) = self.streamed_chat(**fields)
        self.assertEqual(streamed["reason"], "stop")

    def test_a_keyword_that_cannot_be_kept_is_passed_over_where_a_tool_is_not_strict(self):
        function = {"name": "place", "parameters": {"type": "object", "required": ["x", "shape"], "properties": {
            "x": {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.25}, "shape": {"enum": ["circle", "star"]}}}}
        fields = {**CALL_COUNT, "tools": [{"type": "function", "function": function}], "tool_choice": "required"}
        (call,) = self.chat(**fields)["choices"][0]["message"]["tool_calls"]
        arguments = json.loads(call["function"]["arguments"])
        self.assertTrue(0 <= arguments["x"] <= 1, arguments)
        self.assertIn(arguments["shape"], ("circle", "star"))
        function["strict"] = True
        error = self.chat(status=400, **fields)["error"]
        self.assertEqual(error["param"], "tools")
        self.assertIn("#/properties/x/multipleOf", error["message"])

    def test_a_conversation_that_no_answer_can_follow(self):
        call = {"id": "c", "type": "function", "function": {"name": "count", "arguments": "{}"}}
        schema = {"type": "json_object"}
        for last, fields in (({"content": None, "tool_calls": [call]}, {}), ({"content": "{"}, {"response_format": schema}),
                             ({"content": "<tool_call>"}, {"tools": [COUNT]})):
            turns = [*QUESTION, {"role": "assistant", **last}]
            self.assertEqual(self.chat(turns, status=400, **fields)["error"]["param"], "messages", last)
            self.post("/v1/chat/completions/input_tokens", messages=turns)
        for nothing in ("", []):
            self.chat([*QUESTION, {"role": "assistant", "content": nothing}])

    def test_none_is_called_where_none_may_be(self):
        message = self.chat(tools=[COUNT], tool_choice="none")["choices"][0]["message"]
        self.assertNotIn("tool_calls", message)

    def test_tools_are_in_the_key(self):
        self.chat(**CALL_COUNT)
        self.chat(**{**CALL_COUNT, "tool_choice": "none"})
        self.assertNotIn("fovea-response; hit", self.headers["Cache-Status"])

    def test_a_tools_picture_is_a_picture_like_any_other(self):
        call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        turns = [{"role": "user", "content": "Look."}, {"role": "assistant", "content": None, "tool_calls": [call]},
                 {"role": "tool", "tool_call_id": "call_1", "content": ABOUT_ONE[:1]}, {"role": "user", "content": "What is it?"}]
        self.chat()
        key = self.headers["Fovea-Image-Keys"]
        self.chat(turns)
        self.assertEqual(self.headers["Fovea-Image-Keys"], key)
        self.assertIn("fovea-embedding; hit", self.headers["Cache-Status"])

    def test_refusals_name_the_field(self):
        for fields, param in (({"tool_choice": "required"}, "tool_choice"),
                              ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
                              ({"functions": [{"name": "f"}]}, "functions"),
                              ({"tools": [COUNT], "tool_choice": {"type": "function", "function": {"name": "no"}}},
                               "tool_choice.function.name")):
            self.assertEqual(self.chat(status=400, **fields)["error"]["param"], param)
        broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + ONE[:40]}}
        error = self.chat([{"role": "user", "content": [broken]}], status=400)["error"]
        self.assertRegex(error["param"], r"^messages\[0\]\.content\[0\]\.image_url")
        schema = {"type": "json_schema", "json_schema": {"name": "s", "schema": {"type": "text"}}}
        self.assertEqual(self.chat(status=400, response_format=schema)["error"]["param"], "response_format")
        self.assertEqual(self.chat(status=400, guided_json={"type": "text"})["error"]["param"], "guided_json")


class Fields(WithServer):
    def test_what_cannot_be_kept_is_refused_by_name(self):
        for name, value in (("grammar", 'root ::= "a"'), ("guided_regex", "a+"), ("guided_choice", ["a"]), ("repeat_penalty", 1.3),
                            ("ignore_eos", True), ("best_of", 2), ("n_cmpl", 2), ("echo", True), ("logprob_token_ids", [1]),
                            ("media_io_kwargs", {"video": {"num_frames": 1}}), ("adaptive_target", 0.5), ("audio", {"voice": "x"}), ("chat_template", "x")):
            self.assertEqual(self.chat(status=400, **{name: value})["error"]["param"], name)

    def test_what_asks_for_nothing_is_accepted(self):
        self.chat(n=1.0, n_cmpl=1, echo=False, adaptive_target=-1.0, media_io_kwargs={})
        self.chat(repeat_penalty=1, grammar="", functions=[], reasoning_effort="low", stream_options=None, samplers=None,
                  metadata={"id": 10**30}, user="u", return_progress=True, reasoning_format="auto")

    def test_every_name_of_a_schema_is_kept(self):
        schema = {"type": "object", "properties": {"a": {"enum": [7]}}, "required": ["a"], "additionalProperties": False}
        for fields in ({"response_format": {"type": "json_object", "schema": schema}}, {"json_schema": schema},
                       {"guided_json": schema}, {"structured_outputs": {"json": schema}}):
            reply = self.chat(max_tokens=60, **fields)
            self.assertEqual(json.loads(reply["choices"][0]["message"]["content"]), {"a": 7}, fields)

    def test_errors_stay_short(self):  # incident 29
        long = "A" * 2_000_000
        for messages in ([{"role": long, "content": "a"}], [{"role": "user", "content": [{"type": long}]}],
                         [{"role": "user", "content": [{"type": "image_url", "image_url": long}]}],
                         [{"role": "user", "content": [{"type": "file", "file": {"file_id": long}}]}]):
            for stream in (False, True):
                body = json.dumps({"messages": messages, "stream": stream})
                status, _, reply = self.server.request("POST", "/v1/chat/completions", body)
                self.assertIn(status, (400, 404))
                self.assertLess(len(reply), 2000)
        for name in ("response_format", "tool_choice", "json_schema", "prompt"):
            self.assertLess(len(json.dumps(self.chat(status=400, **{name: long if name != "prompt" else [long, 1], "n": 99}))), 2000)


class Prompts(WithServer):
    def test_a_last_message_of_the_assistant_is_continued(self):
        begun = [*QUESTION, {"role": "assistant", "content": "There are"}]
        prompt = self.post("/apply-template", messages=begun)["prompt"]
        self.assertTrue(prompt.endswith("There are"), prompt)
        closed = self.post("/apply-template", messages=begun, continue_final_message=False)["prompt"]
        self.assertNotEqual(closed, prompt)
        continued = self.chat(begun)
        self.assertEqual(continued["usage"]["prompt_tokens"], len(self.render(begun)["token_ids"]))
        self.assertNotEqual(self.chat(begun, continue_final_message=False)["usage"]["prompt_tokens"],
                            continued["usage"]["prompt_tokens"])

    def render(self, messages):
        return self.post("/v1/chat/completions/render", messages=messages)

    def test_a_completion_of_the_rendered_prompt_is_the_chat(self):
        prompt = {"prompt_string": self.post("/apply-template", messages=QUESTION)["prompt"], "multimodal_data": [ONE]}
        chat = self.chat()["choices"][0]["message"]["content"]
        fields = {"prompt": prompt, "temperature": 0, "max_tokens": 16}
        self.assertEqual(self.post("/v1/completions", **fields)["choices"][0]["text"], chat)
        streamed = self.events("/v1/completions", **fields)
        self.assertEqual("".join(event["choices"][0]["text"] for event in streamed), chat)
        self.assertEqual(self.post("/completion", **fields)["content"], chat)

    def test_tokens_are_another_spelling_of_a_text(self):
        text = self.post("/apply-template", messages=[{"role": "user", "content": "What is it?"}])["prompt"]
        tokens = self.post("/tokenize", content=text, add_special=True)["tokens"]
        self.assertEqual(self.post("/detokenize", tokens=self.post("/tokenize", content=text)["tokens"])["content"], text)
        fields = {"temperature": 0, "max_tokens": 16, "n": 2}
        of_text = self.post("/v1/completions", prompt=text, **fields)
        of_tokens = self.post("/v1/completions", prompt=tokens, **fields)
        self.assertEqual(of_tokens["choices"], of_text["choices"])
        self.assertEqual(of_text["usage"]["prompt_tokens"], len(tokens))
        pieces = self.post("/tokenize", content=text, with_pieces=True)["tokens"]
        self.assertEqual("".join(piece["piece"] for piece in pieces), text)

    def test_a_rendered_chat_says_where_its_images_stand(self):
        rendered = self.render(QUESTION)
        usage = self.chat()["usage"]
        self.assertEqual(len(rendered["token_ids"]), usage["prompt_tokens"])
        self.assertEqual(rendered["features"]["mm_hashes"]["image"], [self.headers["Fovea-Image-Keys"]])
        (place,) = rendered["features"]["mm_placeholders"]["image"]
        self.assertEqual(place["length"], usage["prompt_tokens_details"]["image_tokens"])
        self.assertLess(place["offset"] + place["length"], usage["prompt_tokens"])
        counted = self.post("/v1/chat/completions/input_tokens", messages=QUESTION)
        self.assertEqual(counted["input_tokens"], usage["prompt_tokens"])

    def test_a_prompt_that_is_too_long_says_both_numbers(self):
        error = self.chat([{"role": "user", "content": "long " * 10000}], status=400)["error"]
        self.assertEqual(error["type"], "exceed_context_size_error")
        self.assertEqual(error["code"], "context_length_exceeded")
        self.assertGreater(error["n_prompt_tokens"], error["n_ctx"])

    def test_every_way_to_count_counts_what_does_not_fit(self):
        def told(long):
            counted = self.post("/v1/chat/completions/input_tokens", messages=long)["input_tokens"]
            self.assertEqual(self.post("/v1/messages/count_tokens", messages=long, model="m")["input_tokens"], counted)
            self.assertEqual(self.post("/v1/responses/input_tokens", input=long)["input_tokens"], counted)
            return counted, self.chat(long, status=400)["error"]

        counted, error = told([{"role": "user", "content": "hello world " * 2000}])
        self.assertEqual(error["n_prompt_tokens"], counted)
        counted, error = told([{"role": "user", "content": "hello world " * 6000}])
        self.assertLess(error["n_prompt_tokens"], counted, "what cannot fit is not counted for an answer")
        self.assertGreaterEqual(error["n_prompt_tokens"], error["n_ctx"])
        self.assertIn("tokens or more", error["message"])

    def test_tokens_of_messages_are_those_of_a_chat(self):
        for messages in (QUESTION, [{"role": "user", "content": "<|user|> is <__media__>"}]):
            tokens = self.post("/tokenize", messages=messages, return_token_strs=True)
            self.assertEqual(tokens["tokens"], self.render(messages)["token_ids"])
            self.assertEqual(tokens["count"], self.post("/v1/chat/completions/input_tokens", messages=messages)["input_tokens"])
            self.assertEqual(len(tokens["token_strs"]), tokens["count"])
        whole = self.post("/apply-template", messages=QUESTION)["prompt"]
        begun = self.post("/apply-template", messages=QUESTION, add_generation_prompt=False)["prompt"]
        self.assertTrue(whole.startswith(begun) and whole != begun, begun)

    def test_an_empty_prompt_is_called_empty(self):
        for path in ("/v1/completions", "/completion"):
            self.assertIn("empty", self.post(path, 400, prompt="")["error"]["message"])


class Conversations(WithServer):
    def parked_bytes(self):
        page = self.server.request("GET", "/metrics")[2].decode()
        return int(re.search(r"^fovea_parked_state_bytes (\d+)$", page, re.MULTILINE)[1])

    def test_what_a_long_prompt_of_another_skips_is_parked_and_counted(self):
        self.assertEqual(self.parked_bytes(), 0)
        self.chat([{"role": "user", "content": "What is it? " * 20}])
        self.chat([{"role": "user", "content": "Something else. " * 200}])
        self.assertGreater(self.parked_bytes(), 0)
        self.post("/v1/cache/reset")
        self.assertEqual(self.parked_bytes(), 0)


class LlamaServersPage(WithServer):
    """What llama-server's page asks: the server's properties, the models, and a chat as its page sends it."""

    def test_what_the_page_asks(self):
        props = self.get("/props")
        self.assertGreater(props["default_generation_settings"]["n_ctx"], 0)
        self.assertEqual(props["modalities"], {"vision": True, "audio": False})
        self.assertEqual(len(self.get("/slots")), props["total_slots"])
        model = self.get("/v1/models")["data"][0]
        self.assertEqual(model["id"], props["model_alias"])
        self.assertGreater(model["meta"]["n_vocab"], 0)
        self.assertEqual(self.get("/models")["data"][0]["id"], model["id"])
        events = self.events("/v1/chat/completions", messages=QUESTION, model=model["id"], return_progress=True,
                             reasoning_format="auto", temperature=0, max_tokens=-1, dynatemp_range=0, dynatemp_exponent=1, top_k=40,
                             top_p=0.95, min_p=0.05, xtc_probability=0, xtc_threshold=0.1, typ_p=1, repeat_last_n=64,
                             repeat_penalty=1, presence_penalty=0, frequency_penalty=0, dry_multiplier=0, dry_base=1.75,
                             dry_allowed_length=2, dry_penalty_last_n=-1, timings_per_token=True, backend_sampling=False)
        self.assertGreater(events[-1]["timings"]["predicted_n"], 0)
        self.assertEqual(events[-1]["choices"][0]["finish_reason"], "stop")


if __name__ == "__main__":
    unittest.main()
