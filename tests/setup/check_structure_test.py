"""The structure check finds each fault of files and rooms that it promises to find, and none in a sound house."""

import tempfile
import unittest

from miniature_house import SOUND, MiniatureHouseTest, check_structure
from structure import files


class FilesTest(MiniatureHouseTest):
    def test_a_sound_house_has_no_faults(self):
        self.assert_sound({})

    def test_a_folder_without_sources_is_a_fault(self):
        with tempfile.TemporaryDirectory() as checkout:
            self.assertEqual(len(check_structure.faults_of(checkout)), 1)

    def test_a_test_that_is_not_registered(self):
        self.assert_only_fault({"tests/base/keys.cc": ""}, "tests/base/keys.cc", "never compiled")

    def test_a_source_that_is_not_registered(self):
        changes = {"src/engine/llama/probe.cc": "", "tests/engine/llama/probe_test.py": ""}
        self.assert_only_fault(changes, "src/engine/llama/probe.cc", "never compiled")

    def test_a_source_named_only_in_a_comment_is_not_registered(self):
        cmake = "fovea_layer(base SOURCES key.cc)  # once also clock.cc\n"
        changes = {"src/base/CMakeLists.txt": cmake, "src/base/clock.cc": "", "tests/base/clock_test.py": ""}
        self.assert_only_fault(changes, "src/base/clock.cc")

    def test_a_header_nobody_includes(self):
        self.assert_only_fault({"src/base/clock.h": ""}, "src/base/clock.h", "nothing includes it")

    def test_a_name_that_says_nothing(self):
        test = SOUND["tests/base/key_test.cc"] + '#include "base/key_utils.h"\n'
        self.assert_only_fault({"src/base/key_utils.h": "", "tests/base/key_test.cc": test}, '"utils" says nothing')

    def test_too_many_public_headers(self):
        extra = {f"include/fovea/h{i}.h": "" for i in range(files.PUBLIC_HEADERS_MAX)}
        faults = self.faults(extra)
        self.assertTrue(any("public headers" in fault for fault in faults), faults)

    def test_too_many_files_in_a_folder(self):
        def with_files(folder, count):
            names = [f"{folder}/h{i}.h" for i in range(count)]
            includes = "".join(f'#include "{name.removeprefix("src/").removeprefix("tests/")}"\n' for name in names)
            return {**dict.fromkeys(names, ""), "tests/cache/level_test.cc": includes}

        # Each of the two folders holds one source already.
        for folder in ("src/image", "tests/base"):
            full = files.FILES_IN_A_FOLDER_MAX - 1
            self.assert_sound(with_files(folder, full))
            self.assert_only_fault(with_files(folder, full + 1), f"{folder}: {full + 2} sources and headers")


class RoomsTest(MiniatureHouseTest):
    def test_an_include_that_points_up(self):
        changes = {"src/base/key.cc": '#include "cache/bucket.h"\n'}
        self.assert_only_fault(changes, "key.cc:1:", "base does not stand on cache")

    def test_a_public_header_has_the_room_of_its_source(self):
        changes = {"src/base/key.cc": '\n#include "fovea/level.h"\n'}
        self.assert_only_fault(changes, "key.cc:2:", "base does not stand on cache")

    def test_an_include_beside_the_file_counts_too(self):
        level = SOUND["src/cache/level.cc"] + '#include "../image/picture.h"\n'
        self.assert_only_fault({"src/image/picture.h": "", "src/cache/level.cc": level}, "cache does not stand on image")

    def test_rooms_on_one_floor_do_not_see_each_other(self):
        test = SOUND["tests/base/key_test.cc"] + '#include "image/a.h"\n'
        changes = {"src/image/a.h": '#include "store/b.h"\n', "src/store/b.h": "", "tests/base/key_test.cc": test}
        self.assert_only_fault(changes, "image does not stand on store")

    def test_bench_stands_on_replay_and_serve_does_not_stand_on_app(self):
        sound = {"src/replay/a.h": "", "src/bench/room.cc": '#include "replay/a.h"\n'}
        self.assert_sound(sound)
        changes = {**sound, "src/app/flags/a.h": "", "src/serve/room.cc": '#include "app/flags/a.h"\n'}
        self.assert_only_fault(changes, "serve does not stand on app")

    def test_a_public_header_includes_only_public_headers(self):
        self.assert_only_fault({"include/fovea/level.h": '#include "cache/bucket.h"\n'}, "not installed")

    def test_a_public_header_without_a_room(self):
        self.assert_only_fault({"include/fovea/orphan.h": ""}, "orphan.h", "where it belongs")

    def test_a_room_that_is_not_in_the_plan(self):
        test = SOUND["tests/base/key_test.cc"] + '#include "cellar/a.h"\n'
        self.assert_only_fault({"src/cellar/a.h": "", "tests/base/key_test.cc": test}, "src/cellar", "plan")

    def test_a_room_of_the_plan_that_does_not_exist(self):
        changes = {"src/store/room.cc": None, "tests/store/room_test.py": None}
        self.assert_only_fault(changes, "src/store", "has no sources")

    def test_a_folder_with_a_foreign_library_that_does_not_exist(self):
        changes = {"src/app/flags/room.cc": None, "tests/app/flags/room_test.py": None}
        self.assert_only_fault(changes, "src/app/flags", "has no sources")

    def test_a_foreign_library_outside_its_folder(self):
        self.assert_sound({"src/engine/llama/vision/room.cc": "#include <llama.h>\n"})
        changes = {"src/engine/engine.cc": "#include <llama.h>\n"}
        self.assert_only_fault(changes, "engine.cc:1:", "<llama.h>", "only engine/llama and")
        changes = {"src/cache/level.cc": SOUND["src/cache/level.cc"] + '#include "vips/vips.h"\n'}
        self.assert_only_fault(changes, "level.cc:3:", "only image may")


if __name__ == "__main__":
    unittest.main()
