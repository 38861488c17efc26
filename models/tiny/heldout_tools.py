# SPDX-License-Identifier: Apache-2.0
"""Measures the model that calls tools on held-out pictures: heldout_tools.py [--scenes N] [--seed S] [--page README.md].

Starts `fovea serve` with it and goes through whole conversations over HTTP: a question without a picture, the call, the
picture in the tool's result, the answer; then the user asks to look again, and another picture comes. A call counts only
if name and arguments are right, an answer only if it is right to the letter. --page writes the table between its marks.
"""
import argparse
import base64
import http.client
import io
import json
import os
import random
import re
import subprocess

from PIL import Image

import questions
import scenes
import tool_language
from heldout import SQUARE_SIDES, SYSTEM_PROMPTS

HERE = os.path.dirname(os.path.abspath(__file__))
BEGIN, END = "<!-- tools: written by heldout_tools.py -->", "<!-- end of tools -->"
SHAPE = {"type": "object", "properties": {"shape": {"type": "string", "enum": scenes.SHAPES}}, "required": ["shape"]}
TOOLS = {tool_language.SCREENSHOT: {"type": "object", "properties": {}}, tool_language.FIND: SHAPE}
ROWS = {"call": "a question without a picture: the right call", "answer": "the picture comes from the tool: the answer",
        "again": "asked to look again: the right call", "second": "another picture comes: the answer",
        "direct": "tools are offered, but the picture is there: the answer",
        "no_tool": "no tool fits: \"I need a picture.\""}


class Server:
    def __init__(self):
        model = ["-m", f"{HERE}/fovea-tiny-tools.gguf", "--mmproj", f"{HERE}/fovea-tiny-mmproj.gguf"]
        self.child = subprocess.Popen(["fovea", "serve", *model, "--port", "0"], stderr=subprocess.PIPE, text=True)
        for line in self.child.stderr:
            if found := re.search(r" at http://([\d.:]+)", line):
                self.address = found[1]
                return
        raise SystemExit("fovea serve did not start")

    def ask(self, messages, names):
        """The message that the model answers with."""
        tools = [{"type": "function", "function": {"name": name, "parameters": TOOLS.get(name, {"type": "object"})}} for name in names]
        connection = http.client.HTTPConnection(self.address, timeout=600)
        body = {"messages": messages, "tools": tools, "temperature": 0, "max_tokens": 96}
        connection.request("POST", "/v1/chat/completions", json.dumps(body))
        reply = json.loads(connection.getresponse().read())
        connection.close()
        return reply["choices"][0]["message"]


class Measured:
    def __init__(self, server, seed):
        self.server, self.rng = server, random.Random(f"held out tools {seed}")
        self.right, self.asked = dict.fromkeys(ROWS, 0), dict.fromkeys(ROWS, 0)

    def count(self, row, right):
        self.asked[row] += 1
        self.right[row] += right

    def picture(self):
        """(scene, image part) of a new picture."""
        scene = scenes.random_scene(self.rng)
        pixels, _ = scenes.draw(scene, self.rng, self.rng.choice(SQUARE_SIDES) / scenes.FRAME)
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "PNG")
        url = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
        return scene, {"type": "image_url", "image_url": {"url": url}}

    def question(self, scene):
        while not (asked := questions.ask(scene, self.rng)) or asked.kind == "unknown":
            pass
        return questions.plain(asked.question), questions.plain(asked.answer)

    def offered(self):
        names = self.rng.choice([[tool_language.SCREENSHOT, tool_language.FIND], [tool_language.SCREENSHOT]])
        names = names + self.rng.sample(tool_language.OTHER_TOOLS, self.rng.randrange(3))
        self.rng.shuffle(names)
        return names

    def call(self, row, messages, names, question):
        """Asks; appends the expected call and returns its id, so that one wrong call spoils no later answer."""
        name, arguments = tool_language.expected_call(question, names)
        made = self.server.ask(messages, names).get("tool_calls") or []
        self.count(row, len(made) == 1 and (made[0]["function"]["name"], json.loads(made[0]["function"]["arguments"]))
                   == (name, json.loads(arguments)))
        messages.append({"role": "assistant", "content": None, "tool_calls": [
            {"id": f"call_{len(messages)}", "type": "function", "function": {"name": name, "arguments": arguments}}]})
        return f"call_{len(messages) - 1}"

    def answer(self, row, messages, names, expected):
        said = self.server.ask(messages, names).get("content")
        self.count(row, said == expected)
        messages.append({"role": "assistant", "content": expected})

    def conversation(self):
        rng, names = self.rng, self.offered()
        messages = [{"role": "system", "content": rng.choice(SYSTEM_PROMPTS)}] if rng.random() < 0.3 else []
        for rows, prefixes in ((("call", "answer"), ["", *tool_language.LOOK_FIRST]), (("again", "second"), tool_language.LOOK_AGAIN)):
            scene, part = self.picture()
            question, expected = self.question(scene)
            messages.append({"role": "user", "content": rng.choice(prefixes) + question})
            identity = self.call(rows[0], messages, names, question)
            text = rng.choice(tool_language.RESULT_TEXTS)
            result = [{"type": "text", "text": text}, part] if text else [part]
            messages.append({"role": "tool", "tool_call_id": identity, "content": result})
            self.answer(rows[1], messages, names, expected)
        scene, part = self.picture()
        question, expected = self.question(scene)
        self.answer("direct", [{"role": "user", "content": [part, {"type": "text", "text": question}]}], names, expected)
        others = rng.sample(tool_language.OTHER_TOOLS, 2)
        self.answer("no_tool", [{"role": "user", "content": question}], others, questions.NO_PICTURE)

    def table(self):
        lines = ["| with tools | right | of | |", "| --- | --: | --: | --: |"]
        lines += [f"| {words} | {self.right[row]} | {self.asked[row]} | {100 * self.right[row] / self.asked[row]:.1f}% |"
                  for row, words in ROWS.items()]
        return "\n".join(lines)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--scenes", type=int, default=150)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--page")
    options = arguments.parse_args()
    server = Server()
    try:
        measured = Measured(server, options.seed)
        for _ in range(options.scenes):
            measured.conversation()
    finally:
        server.child.terminate()
        server.child.wait()
    print(measured.table())
    if options.page:
        with open(options.page) as file:
            page = file.read()
        before, after = page.split(BEGIN)[0], page.split(END)[1]
        with open(options.page, "w") as file:
            file.write(f"{before}{BEGIN}\n{measured.table()}\n{END}{after}")


if __name__ == "__main__":
    main()
