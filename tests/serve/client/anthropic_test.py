"""The official anthropic client for Python: tools, streams, pictures, errors."""

import unittest

from python_clients import ANSWER, PICTURE, QUESTION, ROOM, SCHEMA, SHAPE, WithServer

import anthropic

GREEDY = {"temperature": 0}  # which this client has no argument for
BLOCK = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PICTURE}}
TOOLS = [{"name": "screenshot", "input_schema": {"type": "object", "properties": {}}},
         {"name": "find", "description": "Looks for a shape.", "input_schema": SCHEMA}]


class Messages(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = anthropic.Anthropic(base_url=cls.url, api_key="none", max_retries=0)

    def ask(self, content, **more):
        messages = content if isinstance(content, list) and "role" in content[0] else [{"role": "user", "content": content}]
        return self.client.messages.create(**{"model": "any", "max_tokens": ROOM, "messages": messages, "extra_body": GREEDY, **more})

    def called(self, message):
        self.assertEqual(message.stop_reason, "tool_use")
        return next(block for block in message.content if block.type == "tool_use")

    def test_the_loop(self):
        messages = [{"role": "user", "content": QUESTION}]
        first = self.ask(messages, tools=TOOLS)
        call = self.called(first)
        self.assertEqual((call.name, call.input), ("find", {"shape": SHAPE}))
        messages += [{"role": "assistant", "content": first.content},
                     {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": [BLOCK]}]}]
        answer = self.ask(messages, tools=TOOLS)
        self.assertEqual((answer.content[0].text, answer.stop_reason), (ANSWER, "end_turn"))
        again = self.ask(messages, tools=TOOLS)
        self.assertEqual(again.content[0].text, ANSWER)
        self.assertGreater(again.usage.cache_read_input_tokens, 0)

    def test_the_loop_in_streams(self):
        messages = [{"role": "user", "content": QUESTION}]
        asked = {"model": "any", "max_tokens": ROOM, "tools": TOOLS, "extra_body": GREEDY}
        with self.client.messages.stream(messages=messages, **asked) as stream:
            for _ in stream:
                pass
            first = stream.get_final_message()
        call = self.called(first)
        self.assertEqual((call.name, call.input), ("find", {"shape": SHAPE}))
        messages += [{"role": "assistant", "content": first.content},
                     {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call.id, "content": [BLOCK]}]}]
        with self.client.messages.stream(messages=messages, **asked) as stream:
            self.assertEqual("".join(stream.text_stream), ANSWER)

    def test_pictures_and_a_system_prompt(self):
        answer = self.ask([BLOCK, {"type": "text", "text": QUESTION}], system="Answer briefly.")
        self.assertEqual(answer.content[0].text, ANSWER)
        self.assertEqual(answer.role, "assistant")

    def test_a_call_that_is_asked_for_is_made(self):
        for choice in ({"type": "tool", "name": "find"}, {"type": "any"}):
            call = self.called(self.ask([BLOCK, {"type": "text", "text": "Hello"}], tools=TOOLS[1:], tool_choice=choice))
            self.assertIn(call.input["shape"], ("circle", "square", "star"))

    def test_tokens_are_counted(self):
        asked = {"model": "any", "messages": [{"role": "user", "content": [BLOCK, {"type": "text", "text": QUESTION}]}]}
        counted = self.client.messages.count_tokens(**asked).input_tokens
        usage = self.ask(asked["messages"]).usage
        self.assertEqual(counted, usage.input_tokens + (usage.cache_read_input_tokens or 0) + (usage.cache_creation_input_tokens or 0))

    def test_errors_are_the_clients(self):
        with self.assertRaises(anthropic.BadRequestError) as caught:
            self.ask([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}])
        self.assertEqual(caught.exception.body["error"]["type"], "invalid_request_error")
        with self.assertRaises(anthropic.BadRequestError):
            self.ask("Hello", tools=TOOLS, tool_choice={"type": "tool", "name": "other"})


if __name__ == "__main__":
    unittest.main()
