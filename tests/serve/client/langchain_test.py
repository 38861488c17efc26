"""LangChain's chat model for OpenAI's API: tools, streams, pictures, structured output, errors."""

import unittest
from typing import Literal

from python_clients import ANSWER, IMAGE, QUESTION, ROOM, SHAPE, WithServer

import openai
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from pydantic import BaseModel


@tool
def screenshot() -> str:
    """Takes a picture of the screen."""
    return ""


@tool
def find(shape: Literal["circle", "square", "star"]) -> str:
    """Looks for a shape."""
    return shape


class Seen(BaseModel):
    """What a picture shows."""
    color: Literal["red", "black"]


class LangChain(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = ChatOpenAI(model="any", base_url=cls.url + "/v1", api_key="none", temperature=0, max_tokens=ROOM, max_retries=0)

    def test_the_loop(self):
        model = self.model.bind_tools([screenshot, find])
        messages = [HumanMessage(QUESTION)]
        messages.append(model.invoke(messages))
        call = messages[-1].tool_calls[0]
        self.assertEqual((call["name"], call["args"]), ("find", {"shape": SHAPE}))
        messages.append(ToolMessage(content=[IMAGE], tool_call_id=call["id"]))
        self.assertEqual(model.invoke(messages).content, ANSWER)

    def test_streams(self):
        content = [IMAGE, {"type": "text", "text": QUESTION}]
        self.assertEqual("".join(chunk.content for chunk in self.model.stream([HumanMessage(content)])), ANSWER)
        whole = None
        for chunk in self.model.bind_tools([screenshot, find]).stream([HumanMessage(QUESTION)]):
            whole = chunk if whole is None else whole + chunk
        self.assertEqual((whole.tool_calls[0]["name"], whole.tool_calls[0]["args"]), ("find", {"shape": SHAPE}))

    def test_structured_output(self):
        content = [IMAGE, {"type": "text", "text": QUESTION}]
        for method in ("json_schema", "function_calling"):
            with self.subTest(method):
                self.assertIsInstance(self.model.with_structured_output(Seen, method=method).invoke([HumanMessage(content)]), Seen)

    def test_errors_are_the_clients(self):
        broken = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
        with self.assertRaises(openai.BadRequestError):
            self.model.invoke([HumanMessage([broken])])


if __name__ == "__main__":
    unittest.main()
