"""A miniature of Fovea's checkout without a fault, and what is found when it is changed."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_structure  # noqa: E402
from structure import rooms  # noqa: E402

SOUND = {
    "README.md": "# Fovea\n",
    "include/fovea/key.h": "#pragma once\n#include <array>\n",
    "include/fovea/level.h": '#pragma once\n#include "fovea/key.h"\n',
    "src/base/CMakeLists.txt": "fovea_layer(base SOURCES key.cc)\n",
    "src/base/key.cc": '#include "fovea/key.h"\n#include <blake3.h>\n',
    "src/cache/CMakeLists.txt": "fovea_layer(cache SOURCES level.cc)\n",
    "src/cache/bucket.h": "#pragma once\n",
    "src/cache/level.cc": '#include "fovea/level.h"\n#include "cache/bucket.h"\n',
    "src/engine/CMakeLists.txt": "fovea_layer(engine SOURCES engine.cc llama/model.cc)\n",
    "src/engine/engine.cc": '#include "fovea/key.h"\n',
    "src/engine/llama/model.cc": "#include <llama.h>\n#include <ggml-backend.h>\n",
    "tests/CMakeLists.txt": "fovea_tests(base SOURCES base/key_test.cc cache/level_test.cc)\n",
    "tests/base/key_test.cc": '#include "fovea/key.h"\n#include "cache/bucket.h"\n',
    "tests/cache/level_test.cc": '#include "fovea/level.h"\n',
    "tests/engine/engine_test.py": "",
    "tests/engine/llama/model_test.py": "",
    "tests/install/main.cc": '#include "fovea/key.h"\n',
}
# All other folders that the plan names, with a source each.
for folder in rooms.FOLDERS_NAMED:
    if not any(name.startswith(f"src/{folder}/") for name in SOUND):
        SOUND[f"src/{folder}/CMakeLists.txt"] = "target_sources(fovea PRIVATE room.cc)\n"
        SOUND[f"src/{folder}/room.cc"] = "int room;\n"
        SOUND[f"tests/{folder}/room_test.py"] = ""


class MiniatureHouseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.checkout = Path(folder.name)
        for name, text in SOUND.items():
            cls.put(name, text)

    @classmethod
    def put(cls, name, text):
        path = cls.checkout / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def with_changes(self, changes, ask):
        """What `ask` says of the house with these files added or replaced; one that is None is taken away."""
        for name, text in changes.items():
            self.put(name, text)
        try:
            return ask(self.checkout)
        finally:
            for name in changes:
                self.put(name, SOUND.get(name))

    def faults(self, changes):
        return self.with_changes(changes, check_structure.faults_of)

    def assert_sound(self, changes):
        self.assertEqual(self.faults(changes), [])

    def assert_only_fault(self, changes, *words):
        faults = self.faults(changes)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])
