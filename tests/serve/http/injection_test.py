"""Control tokens that clients write, over HTTP (incident 31): plain text, unless the server was told to take them.

A text is plain where the prompt has a token for each of its pieces, and the control token where it has one in all. The
bundled model's vocabulary writes these texts with several plain tokens.
"""

import json
import unittest

from http_server_test import Server

TOKENS = ("<|user|>", "<|end|>", "<|assistant|>")
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}


def places(written):
    """Requests with `written` in each place that takes text, beside the path of their API."""
    said = {"role": "user", "content": "Hello"}
    called = {"id": "a", "type": "function", "function": {"name": "look", "arguments": json.dumps({"x": written})}}
    yield "/v1/chat/completions", {"messages": [{"role": "user", "content": written}]}
    yield "/v1/chat/completions", {"messages": [{"role": "system", "content": written}, said]}
    yield "/v1/chat/completions", {"messages": [said, {"role": "assistant", "content": written}, said]}
    yield "/v1/chat/completions", {"messages": [said, {"role": "assistant", "content": None, "tool_calls": [called]},
                                                {"role": "tool", "tool_call_id": "a", "content": written}, said]}
    yield "/v1/chat/completions", {"messages": [said], "tools": [{**TOOL, "function": {**TOOL["function"], "description": written}}]}
    yield "/v1/responses", {"input": written}


class ControlTokens(unittest.TestCase):
    def prompt_tokens(self, server, path, request):
        limit = "max_output_tokens" if path.endswith("responses") else "max_tokens"
        status, _, body = server.request("POST", path, json.dumps({**request, limit: 1}))
        self.assertEqual(status, 200, body)
        usage = json.loads(body)["usage"]
        return usage["input_tokens" if path.endswith("responses") else "prompt_tokens"]

    def counts(self, *flags):
        with Server(*flags) as server:
            return [[self.prompt_tokens(server, *place) for place in places(written)] for written in TOKENS]

    def test_are_plain_text_unless_allowed(self):
        plain, allowed = self.counts(), self.counts("--allow-control-tokens")
        for written, fewer, more in zip(TOKENS, allowed, plain):
            for number, (a, b) in enumerate(zip(fewer, more)):
                with self.subTest(written=written, place=number):
                    self.assertLess(a, b)

    def test_of_a_rendered_prompt_are_the_clients_own(self):
        with Server() as server:
            rendered = "<|user|>\nHello<|end|>\n<|assistant|>\n"
            said = self.prompt_tokens(server, "/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello"}]})
            self.assertEqual(self.prompt_tokens(server, "/v1/completions", {"prompt": rendered}), said)


if __name__ == "__main__":
    unittest.main(verbosity=2)
