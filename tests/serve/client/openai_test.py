"""The official openai client for Python: tools, streams, pictures, errors."""

import json
import unittest

from python_clients import ANSWER, FIND, FORCED, IMAGE, QUESTION, ROOM, SCREENSHOT, SHAPE, URL, WithServer

import openai


class Chat(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = openai.OpenAI(base_url=cls.url + "/v1", api_key="none", max_retries=0)

    def ask(self, messages, **more):
        return self.client.chat.completions.create(model="any", messages=messages, **{"temperature": 0, "max_tokens": ROOM, **more})

    def test_the_loop(self):
        messages = [{"role": "user", "content": QUESTION}]
        choice = self.ask(messages, tools=[SCREENSHOT, FIND]).choices[0]
        self.assertEqual(choice.finish_reason, "tool_calls")
        call = choice.message.tool_calls[0]
        self.assertEqual((call.function.name, json.loads(call.function.arguments)), ("find", {"shape": SHAPE}))
        messages += [choice.message, {"role": "tool", "tool_call_id": call.id, "content": [IMAGE]}]
        answer = self.ask(messages, tools=[SCREENSHOT, FIND]).choices[0]
        self.assertEqual((answer.message.content, answer.finish_reason), (ANSWER, "stop"))

        messages += [answer.message, {"role": "user", "content": "Look again. How many shapes are there?"}]
        call = self.ask(messages, tools=[SCREENSHOT, FIND]).choices[0].message.tool_calls[0]
        self.assertEqual((call.function.name, json.loads(call.function.arguments)), ("screenshot", {}))

    def test_the_loop_in_streams(self):
        messages, name, arguments, identity, finish = [{"role": "user", "content": QUESTION}], "", "", "", None
        for chunk in self.ask(messages, tools=[SCREENSHOT, FIND], stream=True):
            finish = chunk.choices[0].finish_reason or finish
            for call in chunk.choices[0].delta.tool_calls or []:
                self.assertEqual(call.index, 0)
                name, identity = call.function.name or name, call.id or identity
                arguments += call.function.arguments or ""
        self.assertEqual((name, json.loads(arguments), finish), ("find", {"shape": SHAPE}, "tool_calls"))
        made = {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}
        messages += [{"role": "assistant", "content": None, "tool_calls": [made]},
                     {"role": "tool", "tool_call_id": identity, "content": [{"type": "text", "text": "ok"}, IMAGE]}]
        chunks = self.ask(messages, tools=[SCREENSHOT, FIND], stream=True)
        self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), ANSWER)

    def test_a_call_that_is_asked_for_is_made(self):
        for choice in (FORCED, "required"):
            made = self.ask([{"role": "user", "content": [IMAGE, {"type": "text", "text": "Hello"}]}], tools=[FIND], tool_choice=choice)
            call = made.choices[0].message.tool_calls[0].function
            self.assertEqual(call.name, "find")
            self.assertIn(json.loads(call.arguments)["shape"], ("circle", "square", "star"))

    def test_none_is_made_that_is_not_wanted(self):
        made = self.ask([{"role": "user", "content": QUESTION}], tools=[FIND], tool_choice="none").choices[0]
        self.assertFalse(made.message.tool_calls)
        self.assertTrue(made.message.content)

    def test_errors_are_the_clients(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}])
        self.assertLess(len(str(caught.exception)), 1000)
        with self.assertRaises(openai.BadRequestError) as caught:
            self.ask([{"role": "user", "content": "Hi"}], tools=[FIND], tool_choice={"type": "function", "function": {"name": "other"}})
        self.assertIn("other", caught.exception.message)
        with self.assertRaises(openai.NotFoundError):
            self.client.get("/nothing", cast_to=object)


class Responses(WithServer):
    def test_the_loop(self):
        client = openai.OpenAI(base_url=self.url + "/v1", api_key="none", max_retries=0)
        tools = [{"type": "function", **tool["function"]} for tool in (SCREENSHOT, FIND)]
        items = [{"role": "user", "content": QUESTION}]
        asked = {"model": "any", "tools": tools, "temperature": 0, "max_output_tokens": ROOM}
        call = client.responses.create(input=items, **asked).output[0]
        self.assertEqual((call.type, call.name, json.loads(call.arguments)), ("function_call", "find", {"shape": SHAPE}))
        items += [{"type": "function_call", "call_id": call.call_id, "name": call.name, "arguments": call.arguments},
                  {"type": "function_call_output", "call_id": call.call_id, "output": [{"type": "input_image", "image_url": URL}]}]
        self.assertEqual(client.responses.create(input=items, **asked).output_text, ANSWER)
        with client.responses.stream(input=items, **asked) as stream:
            said = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        self.assertEqual(said, ANSWER)


if __name__ == "__main__":
    unittest.main()
