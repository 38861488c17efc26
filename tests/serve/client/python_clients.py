"""What the tests with Python's clients share: a server with the model that calls tools, and the loop they all go through.

The loop: a question without a picture is answered with a call; its result brings a picture; the answer is about it.
"""

import base64
import os
import sys
import unittest
from pathlib import Path

SOURCE = Path(os.environ["FOVEA_SOURCE_DIR"])
sys.path[:0] = [str(SOURCE / "tests/serve/http"), os.environ["FOVEA_PYTHON_PACKAGES"]]
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # or importing it asks the network
if not (Path(os.environ["FOVEA_PYTHON_PACKAGES"]) / "installed").exists():
    print("skipped: the clients are not installed; see python_packages.py", file=sys.stderr)
    sys.exit(77)

from http_server_test import Server, sample  # noqa: E402

MODELS = SOURCE / "models/tiny"
PICTURE = base64.b64encode(sample("one.png")).decode()
URL = "data:image/png;base64," + PICTURE
IMAGE = {"type": "image_url", "image_url": {"url": URL}}
QUESTION, SHAPE, ANSWER = "What color is the star?", "star", "black"
SCHEMA = {"type": "object", "properties": {"shape": {"type": "string", "enum": ["circle", "square", "star"]}},
          "required": ["shape"], "additionalProperties": False}
FIND = {"type": "function", "function": {"name": "find", "description": "Looks for a shape.", "parameters": SCHEMA}}
SCREENSHOT = {"type": "function", "function": {"name": "screenshot", "parameters": {"type": "object", "properties": {}}}}
FORCED = {"type": "function", "function": {"name": "find"}}
ROOM = 128  # tokens, for calls


class WithServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("-m", str(MODELS / "fovea-tiny-tools.gguf"), "--mmproj", str(MODELS / "fovea-tiny-mmproj.gguf"))
        cls.url = f"http://127.0.0.1:{cls.server.port}"

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0
