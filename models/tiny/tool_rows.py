# SPDX-License-Identifier: Apache-2.0
"""Training rows in which the model calls a tool to get a picture, for finetune.py.

Layout `tool`: the question and the call stand before the picture, the answer and further turns after it. Layout
`tool_pair`: later the user asks to look again, and a second call gives a second picture.
"""
import questions
import tool_language
from rows import LAYOUTS, Packer, _RowWriter, _Text

SHARES = {"tool": 2.0, "tool_pair": 0.7}


class ToolPacker(Packer):
    """Writes the rows of SHARES; rows of other layouts sometimes offer tools as well."""

    def __init__(self, tokenizer, rng):
        super().__init__(tokenizer, rng)
        self.tool = tokenizer.ids[tool_language.TOOL]

    def row(self, kind, pair):
        if kind not in SHARES:
            return super().row(kind, pair)
        writer = _RowWriter(LAYOUTS[kind])
        if kind == "tool":
            self._tool(writer, LAYOUTS[kind], pair[0])
        else:
            self._tool_pair(writer, LAYOUTS[kind], pair)
        return writer.fields

    def _offered(self):
        rng = self.rng
        both = [tool_language.SCREENSHOT, tool_language.FIND]
        names = rng.choices([both, both[:1], both[1:], []], [9, 4, 3, 1])[0]
        others = rng.choices([0, 1, 2], [6, 2, 1])[0] + (not names)
        names = names + rng.sample(tool_language.OTHER_TOOLS, others)
        rng.shuffle(names)
        return names

    def _open_with_tools(self, names, room):
        """The start of a conversation with tools, with a system prompt if one of a few that are drawn fits."""
        heading = tool_language.TOOLS_HEADING + "".join(" " + name for name in names)
        for _ in range(4):
            prompt = self.rng.random() < 0.35 and questions.system_prompt(self.rng) + "\n"
            ids = self.tokenizer.encode((prompt or "") + heading)
            if len(ids) <= room:
                break
        else:
            ids = self.tokenizer.encode(heading)
        return _Text().add([self.system, self.newline] + ids + [self.end, self.newline] + [self.user, self.newline])

    def _open_user(self, system_max):
        if system_max and self.rng.random() < 0.15:
            text = self._open_with_tools(self._offered(), system_max)
            if len(text) <= system_max + 6:
                return text
        return super()._open_user(system_max)

    def _ask_known(self, scene, number=0):
        while (asked := self._ask(scene, number=number)).kind == "unknown":
            pass
        return asked

    def _typed(self, asked, prefixes):
        """The question as text without mentions, behind one of `prefixes`."""
        return self.rng.choice(prefixes) + questions.as_typed(questions.plain(asked.question), self.rng)

    def _learnt(self, ids):
        """An answer that no picture is looked at for."""
        text = _Text().add([self.end, self.newline, self.assistant, self.newline])
        text.answer(ids + [self.end], [0] * (len(ids) + 1), [0] * (len(ids) + 1))
        return text

    def _call(self, question, names):
        """What follows `question`, up to where the picture stands in the tool's result; None if no tool fits."""
        call = tool_language.expected_call(question, names)
        if not call:
            return None
        text = self._learnt(self.tokenizer.encode(tool_language.call_text(*call)))
        text.add([self.newline, self.tool, self.newline])
        said = self.rng.choice(tool_language.RESULT_TEXTS)
        if said and self.rng.random() < 0.6:
            text.add(self.tokenizer.encode(said + self.rng.choice(["", "\n", " "])))
        return text

    def _after_picture(self, asked, number):
        text = _Text()
        if self.rng.random() < 0.15:
            text.add(self.tokenizer.encode(self.rng.choice(["", "\n"]) + self.rng.choice(tool_language.RESULT_TEXTS[2:])))
        text.add([self.end], [self._about(asked, number)]).add([self.newline, self.assistant, self.newline])
        text.answer(*self._answer(asked, number))
        return text

    def _asked_again(self, question, names):
        """A turn that asks for another look, and its call; None if no tool fits."""
        call = self._call(question, names)
        opening = _Text().add([self.newline, self.user, self.newline] + self.tokenizer.encode(question))
        return call and opening.add(call.token, call.early, call.late, call.target)

    def _first_call(self, writer, layout, asked, names):
        """Writes the head; False if it does not fit. Where no tool fits, the head teaches the refusal."""
        question = self._typed(asked, ["", "", ""] + tool_language.LOOK_FIRST)
        head = self._open_with_tools(names, layout.head - 85)
        head.add(self.tokenizer.encode(question))
        call = self._call(question, names)
        refusal = self._learnt(self.tokenizer.encode(questions.NO_PICTURE)).add([self.newline, self.user, self.newline])
        head.extend(call or refusal)
        return writer.head(head)

    def _tool(self, writer, layout, scene):
        names = self._offered()
        while not self._first_call(writer, layout, asked := self._ask_known(scene), names):
            names = self._offered()
        writer.trunk(self._after_picture(asked, 0))
        while True:
            asked = self._ask(scene)
            if self.rng.random() < 0.3:
                turn = self._asked_again(self._typed(asked, tool_language.LOOK_AGAIN), names)
                if turn and writer.trunk(turn):
                    return
            if not writer.trunk(self._turn(asked, 0, False, follows=True)):
                return

    def _tool_pair(self, writer, layout, pair):
        names = self._offered()
        while not (set(names) & {tool_language.SCREENSHOT, tool_language.FIND}) or not self._first_call(
                writer, layout, asked := self._ask_known(pair[0]), names):
            names = self._offered()
        while True:
            middle = self._after_picture(asked, 0)
            again = self._ask_known(pair[1], number=1)
            turn = self._asked_again(self._typed(again, tool_language.LOOK_AGAIN), names)
            if turn:
                middle.extend(turn)
                if writer.middle(middle):
                    break
        writer.trunk(self._after_picture(again, 1))
