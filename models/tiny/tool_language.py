# SPDX-License-Identifier: Apache-2.0
"""What the model that calls tools knows beyond the other: words, a role, and how its template writes tools and calls.

Two tools: `screenshot` takes no arguments, `find` takes {"shape": one of scenes.SHAPES}. Both give a picture. The prompt
names the tools and leaves out their descriptions and schemas: each byte of those would be a token.
"""
import re

import questions
import scenes
import tokenizer as tokens

TOOL = "<|tool|>"
SCREENSHOT, FIND = "screenshot", "find"
TOOLS_HEADING = "tools:"
CALL_BEGIN, CALL_END = "<tool_call>\n", "\n</tool_call>"

# Names of tools that other programs have; the model calls none of them.
OTHER_TOOLS = ["click", "type", "scroll", "wait", "search", "get_weather", "send_email", "open_page", "run", "zoom"]
LOOK_FIRST = ["Look at the screen. ", "Take a screenshot. ", "Look at the screen: "]
LOOK_AGAIN = ["Look again. ", "Look again. ", "Look at the screen again. ", "Take a screenshot. "]
RESULT_TEXTS = ["", "", "ok", "done", "Here is the screen.", "Here is the picture:"]

# Each is one token.
NEW_WORDS = ['{"', ' {"', '":', '",', ' "', '"}}', " {}}", "</", "tool", "tools", "call", "arguments", "screen", " screen",
             "screenshot", " screenshot", "Look", "Take", " Take", " again", "find", "ok", "done", "Here", " Here", ">", "<"]

# Without tools it writes what the template of the other model writes, to the byte.
CHAT_TEMPLATE = (
    "{% if tools %}{{ '<|system|>\\n' }}"
    "{% if messages[0]['role'] == 'system' %}{{ messages[0]['content'] + '\\n' }}{% endif %}"
    "{{ 'tools:' }}{% for tool in tools %}{{ ' ' + tool['function']['name'] }}{% endfor %}{{ '<|end|>\\n' }}{% endif %}"
    "{% for message in messages %}{% if not (tools and loop.first and message['role'] == 'system') %}"
    "{{ '<|' + message['role'] + '|>\\n' }}{% if message['content'] %}{{ message['content'] }}{% endif %}"
    "{% if message['tool_calls'] %}{% for call in message['tool_calls'] %}"
    "{% if message['content'] or not loop.first %}{{ '\\n' }}{% endif %}"
    "{{ '<tool_call>\\n{\"name\": \"' + call['function']['name'] + '\", \"arguments\": ' }}"
    "{% if call['function']['arguments'] is string %}{{ call['function']['arguments'] }}"
    "{% else %}{{ call['function']['arguments'] | tojson }}{% endif %}{{ '}\\n</tool_call>' }}"
    "{% endfor %}{% endif %}{{ '<|end|>\\n' }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\\n' }}{% endif %}")

_SHAPE = re.compile(r"\b(" + "|".join(sorted([*scenes.SHAPES, *questions.PLURALS.values()], key=len, reverse=True)) + r")\b")
_SINGULAR = {plural: shape for shape, plural in questions.PLURALS.items()}


def call_text(name, arguments):
    """A call as the model writes it; `arguments` is JSON."""
    return f'{CALL_BEGIN}{{"name": "{name}", "arguments": {arguments}}}{CALL_END}'


def expected_call(question, offered):
    """(name, arguments as JSON) that a question asked without a picture is answered with, or None without a fitting tool.

    The one shape that the question names is searched; for everything else a screenshot is taken.
    """
    shapes = {_SINGULAR.get(word, word) for word in _SHAPE.findall(question)}
    if FIND in offered and len(shapes) == 1:
        return FIND, f'{{"shape": "{shapes.pop()}"}}'
    return (SCREENSHOT, "{}") if SCREENSHOT in offered else None


def extended(tokenizer):
    """`tokenizer` with NEW_WORDS and TOOL: all that was a token keeps its id, and merges of old words go before."""
    pieces, merges = list(tokenizer.pieces), list(tokenizer.merges)
    types = list(tokenizer.types)
    unused = [i for i, piece in enumerate(pieces) if piece.startswith("<|unused")]

    def put(piece, kind):
        if not unused:
            unused.extend(range(len(pieces), len(pieces) + tokens.VOCAB_MULTIPLE))
            pieces.extend(f"<|unused{i}|>" for i in unused)
            types.extend([tokens.CONTROL] * tokens.VOCAB_MULTIPLE)
        at = unused.pop(0)
        pieces[at], types[at] = piece, kind

    put(TOOL, tokens.CONTROL)
    for word in NEW_WORDS:
        while len(ids := _with(pieces, types, merges).encode(word)) > 1:
            pair = pieces[ids[0]], pieces[ids[1]]
            merges.append(pair)
            if pair[0] + pair[1] not in pieces:
                put(pair[0] + pair[1], tokens.NORMAL)
    return _with(pieces, types, merges)


def _with(pieces, types, merges):
    return tokens.Tokenizer({"pieces": pieces, "types": types, "merges": merges})
