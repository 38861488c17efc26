"""llama-cpp-python's handlers do not encode a known picture again, and answer the same. With the bundled model.

    python -m unittest llama_cpp_test.py      with `fovea` and llama-cpp-python installed; skipped otherwise
"""

import base64
import contextlib
import importlib.util
import io
import os
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

CHECKOUT = Path(__file__).resolve().parents[3]
MODEL = CHECKOUT / "models" / "tiny" / "fovea-tiny.gguf"
PROJECTOR = CHECKOUT / "models" / "tiny" / "fovea-tiny-mmproj.gguf"
SAMPLES = CHECKOUT / "samples"


def missing():
    for module in ("fovea", "llama_cpp", "PIL"):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed"
    return ""


def data_url(path, kind="PNG"):
    """A picture in a file format of our choice: the same pixels, other bytes."""
    from PIL import Image

    file = io.BytesIO()
    Image.open(path).convert("RGB").save(file, format=kind)
    return f"data:image/{kind.lower()};base64," + base64.b64encode(file.getvalue()).decode()


class Encoder:
    """Counts the calls of libmtmd's encoder, in the library itself."""

    def __init__(self, test):
        from llama_cpp import mtmd_cpp

        self.calls = 0
        encode_chunk, eval_chunk = mtmd_cpp.mtmd_encode_chunk, mtmd_cpp.mtmd_helper_eval_chunk_single

        def counted(function):
            def call(*arguments):
                chunk = arguments[1] if function is encode_chunk else arguments[2]
                self.calls += mtmd_cpp.mtmd_input_chunk_get_type(chunk) == mtmd_cpp.MTMD_INPUT_CHUNK_TYPE_IMAGE
                return function(*arguments)

            return call

        mtmd_cpp.mtmd_encode_chunk = counted(encode_chunk)
        mtmd_cpp.mtmd_helper_eval_chunk_single = counted(eval_chunk)  # Which encodes in C.
        test.addCleanup(setattr, mtmd_cpp, "mtmd_encode_chunk", encode_chunk)
        test.addCleanup(setattr, mtmd_cpp, "mtmd_helper_eval_chunk_single", eval_chunk)

    def take(self):
        calls, self.calls = self.calls, 0
        return calls


def joined(handler, messages, media_marker):
    """Messages as the bundled model's template takes them: each content is one text."""
    del handler
    return [
        {
            "role": message["role"],
            "content": "".join(p["text"] if p["type"] == "text" else media_marker for p in message["content"]),
        }
        for message in messages
    ]


@unittest.skipIf(missing(), missing())
class LlamaCppTest(unittest.TestCase):
    def setUp(self):
        import fovea
        from llama_cpp.llama_chat_format import MTMDChatHandler

        self.enterContext(mock.patch.object(MTMDChatHandler, "_get_template_messages", joined))
        self.encoder = Encoder(self)
        self.store = fovea.Store(memory="64MiB")
        self.addCleanup(self.store.close)

    def model(self, store, handler_name="MTMDChatHandler"):
        """A model with a handler, and what is attached to it if there is a store."""
        import fovea.llama_cpp
        from llama_cpp import Llama, llama_chat_format

        handler = getattr(llama_chat_format, handler_name)(clip_model_path=str(PROJECTOR), verbose=False)
        attached = fovea.llama_cpp.attach(handler, store) if store is not None else None
        model = Llama(str(MODEL), chat_handler=handler, n_ctx=2048, logits_all=True, verbose=False, seed=1)
        self.addCleanup(model.close)
        return model, attached

    def ask(self, model, *pictures, text="How many shapes are there?"):
        """The answer with the log probabilities of its tokens, which tell a different embedding from the same."""
        content = [{"type": "image_url", "image_url": {"url": url}} for url in pictures]
        reply = model.create_chat_completion(
            [{"role": "user", "content": [*content, {"type": "text", "text": text}]}],
            temperature=0,
            max_tokens=16,
            logprobs=True,
            top_logprobs=4,
        )
        return reply["choices"][0]["message"]["content"], repr(reply["choices"][0]["logprobs"])

    def test_the_second_look_is_not_encoded_and_answers_the_same(self):
        plain, _ = self.model(None)
        picture = data_url(SAMPLES / "three.png")
        expected = self.ask(plain, picture)
        self.assertGreater(self.encoder.take(), 0)
        model, attached = self.model(self.store)
        self.assertEqual(self.ask(model, picture), expected)
        tiles = self.encoder.take()
        self.assertGreater(tiles, 0)
        self.assertEqual(self.ask(model, picture), expected)
        self.assertEqual(self.encoder.take(), 0)
        self.assertEqual(self.ask(model, data_url(SAMPLES / "three.png", "BMP")), expected)
        self.assertEqual(self.encoder.take(), 0)
        other = self.ask(model, picture, text="What shape is blue?")
        self.assertEqual(self.encoder.take(), 0)
        self.assertEqual(other, self.ask(plain, picture, text="What shape is blue?"))
        self.assertEqual((attached.stats.encoded, attached.stats.hits), (tiles, 3 * tiles))

    def test_another_picture_and_two_in_a_prompt(self):
        three, five = data_url(SAMPLES / "three.png"), data_url(SAMPLES / "five.png")
        plain, _ = self.model(None)
        model, _ = self.model(self.store)
        self.ask(model, three)
        each = self.encoder.take()
        self.ask(model, five)
        self.assertGreater(self.encoder.take(), 0)
        for pictures in ((three, five), (five, three), (three, three)):
            found = self.ask(model, *pictures)
            self.assertEqual(self.encoder.take(), 0)
            self.assertEqual(found, self.ask(plain, *pictures))
            self.assertGreaterEqual(self.encoder.take(), each)

    def test_another_handler_and_the_next_process_find_them_on_the_disk(self):
        import fovea

        picture = data_url(SAMPLES / "three.png")
        with tempfile.TemporaryDirectory() as folder:
            with fovea.Store(memory="64MiB", disk=folder) as store:
                expected = self.ask(self.model(store)[0], picture)
                store.flush(timeout=30)
            self.assertGreater(self.encoder.take(), 0)
            with fovea.Store(memory="64MiB", disk=folder) as store:
                self.assertEqual(self.ask(self.model(store)[0], picture), expected)
        self.assertEqual(self.encoder.take(), 0)

    def test_tenants_find_only_their_own(self):
        picture = data_url(SAMPLES / "three.png")
        self.ask(self.model(self.store.scoped("alice"))[0], picture)
        self.assertGreater(self.encoder.take(), 0)
        self.ask(self.model(self.store.scoped("bob"))[0], picture)
        self.assertGreater(self.encoder.take(), 0)
        self.ask(self.model(self.store.scoped("alice"))[0], picture)
        self.assertEqual(self.encoder.take(), 0)

    def test_the_older_handlers_too(self):
        picture = data_url(SAMPLES / "three.png")
        model, attached = self.model(self.store, "Llava15ChatHandler")
        first = self.ask(model, picture)
        self.assertGreater(self.encoder.take(), 0)
        self.assertEqual(self.ask(model, picture), first)
        self.assertEqual(self.encoder.take(), 0)

    def test_detached_it_is_as_it_was(self):
        picture = data_url(SAMPLES / "three.png")
        model, attached = self.model(self.store)
        self.ask(model, picture)
        tiles = self.encoder.take()
        attached.detach()
        self.ask(model, picture)
        self.assertEqual(self.encoder.take(), tiles)
        self.assertEqual(model.chat_handler._mtmd_cpp.__name__, "llama_cpp.mtmd_cpp")

    def test_what_does_not_fit_is_refused_with_a_reason(self):
        import fovea.llama_cpp

        with self.assertRaisesRegex(TypeError, "MTMDChatHandler"):
            fovea.llama_cpp.attach(object(), self.store)
        model, attached = self.model(self.store)
        with self.assertRaisesRegex(ValueError, "detach"):
            fovea.llama_cpp.attach(model.chat_handler, self.store)
        self.ask(model, data_url(SAMPLES / "three.png"))
        attached.detach()
        with self.assertRaisesRegex(ValueError, "before"):
            fovea.llama_cpp.attach(model.chat_handler, self.store)

    def test_the_recipe_of_the_documentation(self):
        page = (CHECKOUT / "docs" / "python.md").read_text()
        recipe = re.search(r"### llama-cpp-python\n+```py\n(.*?)```", page, re.DOTALL)[1]
        for name, path in (("mmproj.gguf", PROJECTOR), ("model.gguf", MODEL)):
            self.assertIn(f'"{name}"', recipe)
            recipe = recipe.replace(f'"{name}"', f'"{path}"')
        names = {"fovea": __import__("fovea"), "picture": data_url(SAMPLES / "three.png")}
        printed = io.StringIO()
        self.addCleanup(os.chdir, os.getcwd())
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            with contextlib.redirect_stdout(printed):
                exec(recipe, names)
                names["llm"].create_chat_completion([{"role": "user", "content": names["content"]}])
            names["llm"].close()
        tiles = self.encoder.take()
        self.assertEqual(printed.getvalue().split(), [str(tiles), "0"])
        self.assertEqual((names["attached"].stats.encoded, names["attached"].stats.hits), (tiles, tiles))


if __name__ == "__main__":
    unittest.main()
