"""The structure check finds each fault it promises to find, and nothing in a sound house."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_structure  # noqa: E402

SOUND = {
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
    "tests/CMakeLists.txt": "fovea_tests(base SOURCES base/key_test.cc)\n",
    "tests/base/key_test.cc": '#include "fovea/key.h"\n#include "cache/bucket.h"\n',
    "tests/install/main.cc": '#include "fovea/key.h"\n',
}


class CheckStructureTest(unittest.TestCase):
    def faults(self, changes):
        with tempfile.TemporaryDirectory() as checkout:
            for name, text in {**SOUND, **changes}.items():
                path = Path(checkout, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return check_structure.faults_of(checkout)

    def assert_only_fault(self, changes, *words):
        faults = self.faults(changes)
        self.assertEqual(len(faults), 1, faults)
        for word in words:
            self.assertIn(word, faults[0])

    def test_a_sound_house_has_no_faults(self):
        self.assertEqual(self.faults({}), [])

    def test_a_folder_without_sources_is_a_fault(self):
        with tempfile.TemporaryDirectory() as checkout:
            self.assertEqual(len(check_structure.faults_of(checkout)), 1)

    def test_a_test_that_is_not_registered(self):
        self.assert_only_fault({"tests/base/blob_test.cc": ""}, "tests/base/blob_test.cc", "never compiled")

    def test_a_source_that_is_not_registered(self):
        self.assert_only_fault({"src/engine/llama/probe.cc": ""}, "src/engine/llama/probe.cc", "never compiled")

    def test_a_source_named_only_in_a_comment_is_not_registered(self):
        cmake = "fovea_layer(base SOURCES key.cc)  # once also clock.cc\n"
        self.assert_only_fault({"src/base/CMakeLists.txt": cmake, "src/base/clock.cc": ""}, "src/base/clock.cc")

    def test_a_header_nobody_includes(self):
        self.assert_only_fault({"src/base/clock.h": ""}, "src/base/clock.h", "nothing includes it")

    def test_an_include_that_points_up(self):
        self.assert_only_fault({"src/base/key.cc": '#include "cache/bucket.h"\n'}, "base does not stand on cache")

    def test_a_public_header_has_the_room_of_its_source(self):
        self.assert_only_fault({"src/base/key.cc": '#include "fovea/level.h"\n'}, "base does not stand on cache")

    def test_an_include_beside_the_file_counts_too(self):
        changes = {"src/image/picture.h": "", "src/cache/level.cc": '#include "../image/picture.h"\n#include "bucket.h"\n'}
        self.assert_only_fault(changes, "cache does not stand on image")

    def test_rooms_on_one_floor_do_not_see_each_other(self):
        changes = {"src/image/a.h": '#include "tier/b.h"\n', "src/tier/b.h": "", "tests/base/key_test.cc": '#include "image/a.h"\n'}
        self.assert_only_fault(changes, "image does not stand on tier")

    def test_a_public_header_includes_only_public_headers(self):
        self.assert_only_fault({"include/fovea/level.h": '#include "cache/bucket.h"\n'}, "not installed")

    def test_a_public_header_without_a_room(self):
        self.assert_only_fault({"include/fovea/orphan.h": ""}, "orphan.h", "where it belongs")

    def test_a_room_that_is_not_in_the_plan(self):
        changes = {"src/cellar/a.h": "", "tests/base/key_test.cc": '#include "cellar/a.h"\n'}
        self.assert_only_fault(changes, "cellar", "plan")

    def test_a_foreign_library_outside_its_folder(self):
        self.assert_only_fault({"src/engine/engine.cc": "#include <llama.h>\n"}, "<llama.h>", "only engine/llama may")
        self.assert_only_fault({"src/cache/level.cc": '#include "vips/vips.h"\n#include "cache/bucket.h"\n'}, "only image may")

    def test_a_name_that_says_nothing(self):
        changes = {"src/base/key_utils.h": "", "tests/base/key_test.cc": '#include "base/key_utils.h"\n'}
        self.assert_only_fault(changes, '"utils" says nothing')

    def test_too_many_public_headers(self):
        extra = {f"include/fovea/h{i}.h": "" for i in range(check_structure.PUBLIC_HEADERS_MAX)}
        faults = self.faults(extra)
        self.assertTrue(any("public headers" in fault for fault in faults), faults)


if __name__ == "__main__":
    unittest.main()
