"""docs/python.md says the truth: every block of Python runs, in order, and prints what the page shows.

    python -m unittest docs_test.py      with `fovea` installed, or in the PYTHONPATH
"""

import contextlib
import importlib.util
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from documented_code import CHECKOUT, Block, as_shown, blocks_of, run_blocks

PAGE = CHECKOUT / "docs" / "python.md"
SHARED_ADDRESS = "127.0.0.1:6379"  # as on the page
START_S = 20


@contextlib.contextmanager
def valkey_server():
    """A server of this test's own: the address of the page, and the one that stands for it."""
    if shutil.which("valkey-server") is None:
        yield {}
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fovea-docs-valkey-") as folder:
        command = ["valkey-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(port, process)
            yield {SHARED_ADDRESS: f"127.0.0.1:{port}"}
        finally:
            process.terminate()
            process.wait(START_S)


def wait_for(port, process):
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError("valkey-server does not start")


class Page(unittest.TestCase):
    blocks = blocks_of(PAGE.read_text())

    @classmethod
    def setUpClass(cls):
        with valkey_server() as replaced:
            outcomes = run_blocks(cls.blocks, PAGE.name, replaced)
        cls.outcomes = dict(zip(cls.blocks, outcomes, strict=True))

    def check(self, block):
        outcome = self.outcomes[block]
        if outcome.status == "skipped":
            self.skipTest(outcome.text)
        self.assertEqual(outcome.status, "ran", outcome.text)
        if not as_shown(outcome.text, block.expected):
            self.fail(f"{PAGE.name}:{block.line} shows\n{block.expected}\nand prints\n{outcome.text}")

    def test_there_is_something_to_run(self):
        needing_nothing = [block for block in self.blocks if not block.needs]
        self.assertGreater(len(needing_nothing), 5)


def add_tests():
    for block in Page.blocks:
        setattr(Page, f"test_line_{block.line:03}", lambda self, block=block: self.check(block))


add_tests()


class Runner(unittest.TestCase):
    """What runs the page notices what is wrong."""

    def outcomes(self, *codes):
        return run_blocks([Block(line=1, code=code, expected="") for code in codes], "page.md")

    def test_blocks_share_names_and_fail_alone(self):
        first, broken, last = self.outcomes("number = 6\n", "print('so far')\nnumber / 0\n", "print(number * 7)\n")
        self.assertEqual((first.status, broken.status, last.status), ("ran", "failed", "ran"))
        self.assertIn("ZeroDivisionError", broken.text)
        self.assertEqual(last.text, "42\n")

    def test_a_block_that_leaves_has_failed(self):
        (left,) = self.outcomes("raise SystemExit\n")
        self.assertEqual(left.status, "failed")

    def test_lines_are_those_of_the_page(self):
        (broken,) = run_blocks([Block(line=40, code="\n1 / 0\n", expected="")], "page.md")
        self.assertIn("line 41", broken.text)

    def test_an_end_that_crashes_is_noticed(self):
        with self.assertRaisesRegex(AssertionError, "after the last block"):
            self.outcomes("import atexit, os\natexit.register(os._exit, 3)\n")

    def test_what_is_not_installed_is_skipped_with_the_reason(self):
        if importlib.util.find_spec("sglang"):
            self.skipTest("sglang is installed")
        (skipped,) = run_blocks([Block(line=1, code="1 / 0\n", expected="", needs=("sglang",))], "page.md")
        self.assertEqual((skipped.status, skipped.text), ("skipped", "not installed: sglang"))

    def test_output_is_compared(self):
        self.assertTrue(as_shown("1\n2 \n", "1\n2\n"))
        self.assertTrue(as_shown("took 12 ms\n", "took ... ms\n"))
        self.assertTrue(as_shown("", ""))
        self.assertFalse(as_shown("1\n3\n", "1\n2\n"))
        self.assertFalse(as_shown("1\n2\n3\n", "1\n2\n"))
        self.assertFalse(as_shown("1\n", ""))
        self.assertFalse(as_shown("", "1\n"))

    def test_a_page_is_read(self):
        page = "# T\n```python\na = 1\n```\n\n```text\n1\n```\n```sh\nls\n```\n```python numpy\nb = 2\n```\nwords\n```text\n2\n```\n"
        self.assertEqual(blocks_of(page), [Block(3, "a = 1\n", "1\n"), Block(13, "b = 2\n", "", ("numpy",))])
        with self.assertRaisesRegex(ValueError, "nunpy"):
            blocks_of("```python nunpy\n1\n```\n")


if __name__ == "__main__":
    unittest.main()
