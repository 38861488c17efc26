# SPDX-License-Identifier: Apache-2.0

"""The stubs: mypy --strict reads the package and a program that uses all of it, and sees its mistakes."""

import importlib.util
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import fovea

SOURCES = Path(__file__).parents[2]  # python/
MODULES = ("fovea", "fovea._aio", "fovea._errors", "fovea._exit", "fovea._images", "fovea._values", "fovea._fovea")

RIGHT = '''
import array
import fovea

async def use() -> bytes:
    store = fovea.Store("1GiB", policy="value", disk="/tmp/x", disk_size=1 << 30, namespace="mine")
    key: fovea.Key = fovea.key("mine/1", "text", 1, 0.5, True, b"bytes", fovea.image_key(b""))
    value = store.get_or_compute(key, lambda: (b"a", array.array("d")), cost_ms=3)
    shape: tuple[int, ...] = value.shape
    default: fovea.Value | int = store.get(key, 5)
    found: fovea.Value | None = store.get(key)
    store[key] = fovea.empty((2, 3), "float32")
    stored: bool = store.insert(key, bytearray(3), ttl=5, importance=0.5)
    with store.scoped("tenant") as tenant:
        tenant.purge()
    view = memoryview(value[0])
    hits: int = store.stats().hits + sum(tier.hits for tier in store.stats().tiers)
    async def compute() -> bytes:
        return b""
    computed = await fovea.Level(1 << 20).aget_or_compute(key, compute)
    keys: list[fovea.Key] = list(store)
    return bytes(computed) + bytes(view)
'''

WRONG = ('fovea.Level(1.5)', 'fovea.Level("1MiB")["text"]', 'fovea.Level("1MiB", policy="best")', 'fovea.Store("1MiB").scoped(1)',
         'fovea.Store("1MiB")[fovea.key("a")] = 5', 'fovea.key("a", None)', 'fovea.Level("1MiB").get_or_compute(fovea.key("a"), 5)')


@unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
class Typing(unittest.TestCase):
    def mypy(self, program):
        with tempfile.TemporaryDirectory(prefix="fovea-typing-") as folder:
            file = Path(folder, "program.py")
            file.write_text(program)
            return subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", folder, file], cwd=folder,
                                  stdout=subprocess.PIPE, text=True).stdout

    def test_a_right_program_is_right(self):
        self.assertIn("Success", self.mypy(RIGHT))

    def test_each_mistake_is_seen(self):
        program = "import fovea\n" + "\n".join(WRONG) + "\n"
        said = self.mypy(program)
        for line, wrong in enumerate(WRONG, 2):
            self.assertIn(f"program.py:{line}: error", said, wrong)

    def test_the_package_itself(self):
        modules = [argument for name in MODULES for argument in ("--module", name)]
        with tempfile.TemporaryDirectory(prefix="fovea-typing-") as cache:
            done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", "--cache-dir", cache, *modules],
                                  cwd=SOURCES, stdout=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_the_stubs_have_what_the_module_has(self):
        from fovea import _fovea

        stub = (Path(fovea.__file__).parent / "_fovea.pyi").read_text()
        for name, member in vars(_fovea).items():
            if name.startswith("__") and name != "__version__":
                continue
            self.assertRegex(stub, rf"(?m)^(class {name}\b|def {name}\b|{name}:)", name)
            for attribute in vars(member) if isinstance(member, type) else ():
                if not attribute.startswith("_"):
                    self.assertIn(f"def {attribute}(", stub, f"{name}.{attribute}")


if __name__ == "__main__":
    unittest.main()
