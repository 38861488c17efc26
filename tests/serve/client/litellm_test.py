"""LiteLLM, as OpenAI's client and as Anthropic's.

To OpenAI's API it sends a tool's picture in a user's message with words of its own, which the bundled model does not know. So
what is said there is not compared; Anthropic's API gets the picture where it was.
"""

import json
import unittest

from python_clients import ANSWER, FIND, FORCED, IMAGE, QUESTION, ROOM, SCREENSHOT, SHAPE, WithServer

import litellm


IMAGE_TOKENS = 64


class LiteLlm(WithServer):
    def ask(self, messages, provider="openai", **more):
        base = self.url + ("/v1" if provider == "openai" else "")
        return litellm.completion(model=f"{provider}/any", api_base=base, api_key="none", messages=messages,
                                  **{"temperature": 0, "max_tokens": ROOM, **more})

    def test_the_loop(self):
        for provider in ("openai", "anthropic"):
            with self.subTest(provider):
                messages = [{"role": "user", "content": QUESTION}]
                choice = self.ask(messages, provider, tools=[SCREENSHOT, FIND]).choices[0]
                self.assertEqual(choice.finish_reason, "tool_calls")
                call = choice.message.tool_calls[0]
                self.assertEqual((call.function.name, json.loads(call.function.arguments)), ("find", {"shape": SHAPE}))
                messages += [choice.message.model_dump(), {"role": "tool", "tool_call_id": call.id, "content": [IMAGE]}]
                answer = self.ask(messages, provider, tools=[SCREENSHOT, FIND])
                self.assertTrue(answer.choices[0].message.content)
                self.assertGreater(answer.usage.prompt_tokens, IMAGE_TOKENS)
                if provider == "anthropic":
                    self.assertEqual(answer.choices[0].message.content, ANSWER)

    def test_a_stream(self):
        messages = [{"role": "user", "content": [IMAGE, {"type": "text", "text": QUESTION}]}]
        for provider in ("openai", "anthropic"):
            with self.subTest(provider):
                chunks = list(self.ask(messages, provider, stream=True))
                self.assertEqual("".join(chunk.choices[0].delta.content or "" for chunk in chunks), ANSWER)

    def test_a_call_that_is_asked_for_is_made(self):
        made = self.ask([{"role": "user", "content": "Hello"}], tools=[FIND], tool_choice=FORCED)
        self.assertIn("shape", json.loads(made.choices[0].message.tool_calls[0].function.arguments))

    def test_errors_are_the_clients(self):
        for provider in ("openai", "anthropic"):
            with self.subTest(provider), self.assertRaises(litellm.BadRequestError):
                self.ask([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]}], provider)


if __name__ == "__main__":
    unittest.main()
