"""Anthropic's Messages API, and OpenAI's Responses with tools and stored responses, as raw requests to a real server with the
bundled model."""

import base64
import json
import os
import tempfile
import unittest
from pathlib import Path

from files_test import hash_of
from http_server_test import Server, sample

MODELS = Path(os.environ["FOVEA_SOURCE_DIR"]) / "models" / "tiny"
TOOL_MODEL = ("-m", str(MODELS / "fovea-tiny-tools.gguf"), "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf"))
FIND = {"name": "find", "description": "Finds an object.",
        "input_schema": {"type": "object", "properties": {"what": {"enum": ["circle", "square"]}}, "required": ["what"],
                         "additionalProperties": False}}
FUNCTION = {"type": "function", "name": "find", "parameters": FIND["input_schema"]}


def picture(name):
    data = base64.b64encode(sample(name)).decode()
    return {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}


def input_image(name):
    return {"type": "input_image", "image_url": "data:image/png;base64," + base64.b64encode(sample(name)).decode()}


def asked(*content, **more):
    question = [*content, {"type": "text", "text": "What is it?"}]
    return {"model": "any", "max_tokens": 16, "temperature": 0, "messages": [{"role": "user", "content": question}], **more}


def events_of(body):
    """The events of a stream as (name, data)."""
    events = []
    for block in body.decode().strip().split("\n\n"):
        name, data = block.split("\n")
        assert name.startswith("event: ") and data.startswith("data: "), block
        events.append((name[7:], json.loads(data[6:])))
    return events


class WithServer(unittest.TestCase):
    flags = TOOL_MODEL

    @classmethod
    def setUpClass(cls):
        cls.server = Server(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def post(self, path, body, status=200, headers=None):
        got, _, reply = self.server.request("POST", path, json.dumps(body), headers)
        self.assertEqual(got, status, reply)
        return json.loads(reply)

    def streamed(self, path, body):
        status, headers, reply = self.server.request("POST", path, json.dumps({**body, "stream": True}))
        self.assertEqual((status, headers["Content-Type"]), (200, "text/event-stream"), reply)
        return events_of(reply)

    def insertions(self):
        stats = json.loads(self.server.request("GET", "/v1/cache/stats")[2])
        return {level["level"]: level["insertions"] for level in stats["levels"]}


class Messages(WithServer):
    def message(self, body, **more):
        return self.post("/v1/messages", body, **more)

    def events(self, body):
        return self.streamed("/v1/messages", body)

    def test_an_answer_whole_and_streamed_is_the_same(self):
        whole = self.message(asked(picture("two.png")))
        self.assertEqual((whole["type"], whole["role"], whole["stop_reason"]), ("message", "assistant", "end_turn"))
        self.assertEqual([block["type"] for block in whole["content"]], ["text"])
        stored = self.message(asked(picture("two.png")))
        self.assertEqual(stored["content"], whole["content"])
        self.assertEqual(stored["usage"]["input_tokens"], 0)
        self.assertGreater(stored["usage"]["cache_read_input_tokens"], 0)
        self.assertNotEqual(stored["id"], whole["id"])
        for fresh in (False, True):  # from the cache, and computed
            more = {"cache_salt": "streamed"} if fresh else {}
            events = self.events(asked(picture("two.png"), **more))
            names = [name for name, _ in events]
            self.assertEqual([name for name in names if name != "content_block_delta"],
                             ["message_start", "ping", "content_block_start", "content_block_stop", "message_delta",
                              "message_stop"])
            text = "".join(data["delta"]["text"] for name, data in events if name == "content_block_delta")
            self.assertEqual(text, whole["content"][0]["text"])
            usage = events[0][1]["message"]["usage"]
            self.assertEqual(usage["input_tokens"] + usage["cache_read_input_tokens"], self.prompt_tokens(whole))
            self.assertEqual(events[-2][1]["delta"], {"stop_reason": "end_turn", "stop_sequence": None})
            self.assertEqual(events[-2][1]["usage"]["output_tokens"], whole["usage"]["output_tokens"])

    def prompt_tokens(self, message):
        usage = message["usage"]
        return usage["input_tokens"] + usage["cache_read_input_tokens"] + usage["cache_creation_input_tokens"]

    def test_counted_are_the_tokens_of_the_request(self):
        for body in (asked(), asked(picture("one.png")), asked(picture("wide-sky.png"), system="Be brief."),
                     asked(tools=[FIND])):
            count = self.post("/v1/messages/count_tokens", {k: v for k, v in body.items() if k != "max_tokens"})
            self.assertEqual(count, {"input_tokens": self.prompt_tokens(self.message(body))})

    def test_counting_encodes_nothing(self):
        before = self.insertions()
        self.post("/v1/messages/count_tokens", asked(picture("grey.png")))
        self.assertEqual(self.insertions(), before)

    def test_why_an_answer_stopped(self):
        cut = self.message(asked(picture("two.png"), max_tokens=1))
        self.assertEqual((cut["stop_reason"], cut["usage"]["output_tokens"]), ("max_tokens", 1))
        text = self.message(asked(picture("two.png")))["content"][0]["text"]
        stop = text[len(text) // 2:]
        for _ in range(2):  # computed, and from the cache
            stopped = self.message(asked(picture("two.png"), stop_sequences=["never said", stop]))
            self.assertEqual((stopped["stop_reason"], stopped["stop_sequence"]), ("stop_sequence", stop))
            self.assertEqual(stopped["content"][0]["text"], text.split(stop)[0])

    def test_a_tool_that_must_be_called_is_called(self):
        body = asked(picture("one.png"), tools=[FIND], tool_choice={"type": "tool", "name": "find"}, max_tokens=64)
        message = self.message(body)
        self.assertEqual(message["stop_reason"], "tool_use", message)
        call = message["content"][-1]
        self.assertEqual((call["type"], call["name"]), ("tool_use", "find"))
        self.assertIn(call["input"]["what"], ("circle", "square"))
        events = self.events(body)
        started = next(data for name, data in events if name == "content_block_start")
        self.assertEqual((started["content_block"]["type"], started["content_block"]["input"]), ("tool_use", {}))
        pieces = [data["delta"]["partial_json"] for name, data in events if name == "content_block_delta"]
        self.assertEqual(json.loads("".join(pieces)), call["input"])
        self.assertEqual(events[-2][1]["delta"]["stop_reason"], "tool_use")

    def test_a_call_that_was_cut_is_no_call(self):
        body = asked(picture("one.png"), tools=[FIND], tool_choice={"type": "any"}, stop_sequences=['what"'], max_tokens=64)
        whole = self.message(body)
        self.assertEqual((whole["stop_reason"], whole["content"]), ("stop_sequence", []), whole)
        events = self.events(body)
        self.assertIn("tool_use", [data["content_block"]["type"] for name, data in events if name == "content_block_start"])
        self.assertEqual(events[-2][1]["delta"]["stop_reason"], "stop_sequence")

    def test_an_answer_is_held_to_a_schema_by_every_name(self):
        schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
        wanted = {"type": "json_schema", "schema": schema}
        for more in ({"output_format": wanted}, {"output_config": {"format": wanted}}, {"guided_json": schema},
                     {"structured_outputs": {"json": schema}}, {"json_schema": schema}, {"response_format": wanted}):
            answer = self.message(asked(**more, max_tokens=64))["content"][0]["text"]
            self.assertEqual(list(json.loads(answer)), ["a"], more)

    def test_a_picture_from_a_tool_is_seen_and_cached_as_any_other(self):
        self.message(asked(picture("three.png")))
        turns = [{"role": "user", "content": "What is it?"},
                 {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "find", "input": {"what": "circle"}}]},
                 {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [picture("three.png")]},
                                              {"type": "text", "text": "What is it?"}]}]
        body = {"max_tokens": 16, "temperature": 0, "messages": turns, "tools": [FIND]}
        status, headers, reply = self.server.request("POST", "/v1/messages", json.dumps(body))
        self.assertEqual(status, 200, reply)
        self.assertIn("fovea-embedding; hit", headers["Cache-Status"])
        turns[2]["content"][0]["content"] = [picture("four.png")]
        status, headers, _ = self.server.request("POST", "/v1/messages", json.dumps(body))
        self.assertEqual(status, 200)
        self.assertNotIn("fovea-response; hit", headers["Cache-Status"])

    def test_a_last_message_of_the_assistant_is_continued(self):
        whole = self.message(asked(picture("two.png")))["content"][0]["text"]
        begin = whole.split(" ")[0]
        body = asked(picture("two.png"))
        body["messages"].append({"role": "assistant", "content": begin})
        continued = self.message(body)["content"][0]["text"]
        self.assertEqual(begin + continued, whole)

    def test_refusals_are_anthropics(self):
        for path, body, status, kind in (
                ("/v1/messages", {"messages": [{"role": "user", "content": "a"}]}, 400, "invalid_request_error"),
                ("/v1/messages", {**asked(), "max_tokens": 10, "temperature": 2}, 400, "invalid_request_error"),
                ("/v1/messages", asked({"type": "image", "source": {"type": "file", "file_id": "file-0"}}), 404,
                 "not_found_error"),
                ("/v1/messages/count_tokens", {"messages": []}, 400, "invalid_request_error"),
                ("/v1/messages/unknown", asked(), 404, "not_found_error")):
            refused = self.post(path, body, status=status)
            self.assertEqual((refused["type"], refused["error"]["type"]), ("error", kind), refused)
            self.assertTrue(refused["request_id"].startswith("req_"), refused)
            self.assertTrue(refused["error"]["message"])
        self.assertEqual(self.server.request("POST", "/v1/messages", b"{")[0], 400)

    def test_a_prompt_that_does_not_fit_says_both_numbers(self):
        refused = self.message(asked(system="word " * 4_000), status=400)
        self.assertRegex(refused["error"]["message"], r"the prompt has \d+ tokens, but the context holds \d+")
        counted = self.post("/v1/messages/count_tokens", asked(system="word " * 4_000))
        self.assertIn(f"the prompt has {counted['input_tokens']} tokens", refused["error"]["message"])

    def test_models_in_anthropics_form(self):
        version = {"anthropic-version": "2023-06-01"}
        listed = json.loads(self.server.request("GET", "/v1/models", headers=version)[2])
        model = listed["data"][0]
        self.assertEqual((model["type"], listed["first_id"], listed["has_more"]), ("model", model["id"], False))
        self.assertRegex(model["created_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        status, _, body = self.server.request("GET", "/v1/models/none", headers=version)
        self.assertEqual((status, json.loads(body)["error"]["type"]), (404, "not_found_error"))
        self.assertEqual(json.loads(self.server.request("GET", "/v1/models")[2])["object"], "list")


class Responses(WithServer):
    def create(self, body, **more):
        return self.post("/v1/responses", {"temperature": 0, "max_output_tokens": 64, **body}, **more)

    def test_a_function_is_called_and_its_picture_is_seen(self):
        question = {"role": "user", "content": [input_image("one.png"), {"type": "input_text", "text": "What is it?"}]}
        body = {"input": [question], "tools": [FUNCTION], "tool_choice": "required"}
        first = self.create(body)
        self.assertEqual([item["type"] for item in first["output"]], ["function_call"], first)
        call = first["output"][0]
        self.assertIn(json.loads(call["arguments"])["what"], ("circle", "square"))
        events = self.streamed("/v1/responses", {"temperature": 0, "max_output_tokens": 64, **body})
        self.assertEqual([data["sequence_number"] for _, data in events], list(range(len(events))))
        names = [name for name, _ in events if not name.endswith("delta")]
        self.assertEqual(names, ["response.created", "response.in_progress", "response.output_item.added",
                                 "response.function_call_arguments.done", "response.output_item.done", "response.completed"])
        output = {"type": "function_call_output", "call_id": call["call_id"], "output": [input_image("two.png")]}
        second = self.create({"input": [question, call, output], "tools": [FUNCTION], "tool_choice": "none"})
        self.assertEqual([item["type"] for item in second["output"]], ["message"])
        self.assertEqual(self.image_tokens(second), 2 * self.image_tokens(first))
        before = self.insertions()["embedding"]
        other = {**output, "output": [input_image("wide-sky.png")]}
        self.create({"input": [question, call, other], "tools": [FUNCTION], "tool_choice": "none"})
        self.assertGreater(self.insertions()["embedding"], before)

    def test_a_text_that_stops_within_a_call_leaves_it_incomplete(self):
        body = {"input": "What is it?", "tools": [FUNCTION], "tool_choice": "required", "stop": ['what"']}
        response = self.create(body)
        self.assertEqual((response["status"], response["incomplete_details"]), ("incomplete", {"reason": "stop"}))
        self.assertEqual(response["output"][-1]["status"], "incomplete")
        events = self.streamed("/v1/responses", {"temperature": 0, "max_output_tokens": 64, **body})
        self.assertEqual(events[-1][0], "response.incomplete")

    def test_a_conversation_that_no_answer_can_follow(self):
        call = {"type": "function_call", "call_id": "c", "name": "find", "arguments": "{}"}
        refused = self.create({"input": [call]}, status=400)["error"]
        self.assertEqual(refused["param"], "input")
        refused = self.create({"input": [{**call, "type": "function_call_output", "output": "a"}]}, status=400)["error"]
        self.assertEqual(refused["param"], "input[0].call_id")
        refused = self.create({"input": "a", "text": {"format": {"type": "json_schema", "schema": {"type": "text"}}}}, status=400)
        self.assertEqual(refused["error"]["param"], "text.format")

    def image_tokens(self, response):
        return response["usage"]["input_tokens_details"]["image_tokens"]

    def test_a_stored_response_is_continued(self):
        question = {"role": "user", "content": [input_image("two.png"), {"type": "input_text", "text": "What is it?"}]}
        more = {"role": "user", "content": "What is it?"}
        first = self.create({"input": [question], "store": True})
        self.assertTrue(first["store"])
        continued = self.create({"input": [more], "previous_response_id": first["id"]})
        sent_whole = self.create({"input": [question, *first["output"], more]})
        self.assertEqual(continued["output"][0]["content"], sent_whole["output"][0]["content"])
        self.assertEqual(continued["usage"]["input_tokens"], sent_whole["usage"]["input_tokens"])
        status, _, body = self.server.request("GET", f"/v1/responses/{first['id']}")
        self.assertEqual((status, json.loads(body)), (200, first))
        status, _, body = self.server.request("GET", f"/v1/responses/{first['id']}/input_items")
        self.assertEqual(json.loads(body)["data"][0]["content"], question["content"])
        self.assertEqual(self.server.request("DELETE", f"/v1/responses/{first['id']}")[0], 200)
        self.assertEqual(self.server.request("GET", f"/v1/responses/{first['id']}")[0], 404)
        self.create({"input": [more], "previous_response_id": first["id"]}, status=404)
        self.assertEqual(self.server.request("GET", f"/v1/responses/{continued['id']}")[0], 404, "it was not to be stored")

    def test_a_purge_removes_stored_responses(self):
        stored = self.create({"input": "What is it?", "store": True})
        self.server.request("POST", "/v1/cache/reset")
        self.assertEqual(self.server.request("GET", f"/v1/responses/{stored['id']}")[0], 404)

    def test_tokens_are_counted_without_an_answer(self):
        body = {"input": [{"role": "user", "content": [input_image("one.png"), {"type": "input_text", "text": "a"}]}]}
        counted = self.post("/v1/responses/input_tokens", body)
        self.assertEqual(counted["input_tokens"], self.create(body)["usage"]["input_tokens"])


class Tenants(unittest.TestCase):
    def test_keys_and_stored_responses_are_tenants(self):
        with tempfile.TemporaryDirectory() as folder:
            keys = Path(folder) / "keys.toml"
            keys.write_text("".join(f'[tenants.{name}]\nkeys = ["{hash_of(name)}"]\n' for name in ("alice", "bob")))
            with Server("--keys", str(keys)) as server:
                def ask(name, method, path, body=None, header="Authorization"):
                    key = f"Bearer {name}" if header == "Authorization" else name
                    status, _, reply = server.request(method, path, json.dumps(body) if body else None, {header: key})
                    return status, json.loads(reply)
                status, refused = ask("eve", "POST", "/v1/messages", asked())
                self.assertEqual((status, refused["error"]["type"]), (401, "authentication_error"))
                self.assertEqual(ask("alice", "POST", "/v1/messages", asked(), header="x-api-key")[0], 200)
                status, stored = ask("alice", "POST", "/v1/responses", {"input": "a", "store": True, "max_output_tokens": 4})
                self.assertEqual(status, 200)
                path = f"/v1/responses/{stored['id']}"
                self.assertEqual(ask("alice", "GET", path)[0], 200)
                self.assertEqual(ask("bob", "GET", path)[0], 404)
                self.assertEqual(ask("bob", "DELETE", path)[0], 404)
                again = {"input": "b", "previous_response_id": stored["id"]}
                self.assertEqual(ask("bob", "POST", "/v1/responses", again)[0], 404)
                self.assertEqual(ask("bob", "POST", "/v1/cache/reset")[0], 200)
                self.assertEqual(ask("alice", "GET", path)[0], 200)


if __name__ == "__main__":
    unittest.main()
