"""The structure check finds sources without a test, tests without a source, and wrong lines of covered_by.txt."""

import unittest

from miniature_house import SOUND, MiniatureHouseTest
from structure import mirror
from structure.house import House

CMAKE = "fovea_layer(base SOURCES key.cc clock.cc)\n"
CLOCK = {
    "src/base/CMakeLists.txt": CMAKE,
    "src/base/clock.h": "class SteadyClock {\n  double now();\n};\n",
    "src/base/clock.cc": '#include "base/clock.h"\n',
}
LISTED = "# What tests of other names cover.\n\nsrc/base/clock.cc tests/cache/level_test.cc  # a level reads the clock\n"


class MirrorTest(MiniatureHouseTest):
    def test_a_source_without_a_test(self):
        self.assert_only_fault(CLOCK, "src/base/clock.cc", "no tests/base/clock_test.cc")

    def test_a_source_with_a_test_of_its_own(self):
        cmake = SOUND["tests/CMakeLists.txt"] + "fovea_tests(clock SOURCES base/clock_test.cc)\n"
        self.assert_sound({**CLOCK, "tests/base/clock_test.cc": "", "tests/CMakeLists.txt": cmake})
        self.assert_sound({**CLOCK, "tests/base/clock_test.py": ""})

    def test_a_source_that_is_listed_with_a_test_that_mentions_it(self):
        test = '#include "fovea/level.h"\nSteadyClock clock;\n'
        self.assert_sound({**CLOCK, "tests/covered_by.txt": LISTED, "tests/cache/level_test.cc": test})

    def test_a_mention_in_what_the_test_includes_counts(self):
        changes = {
            "tests/cache/level_test.cc": '#include "cache/clocks.h"\n', "tests/cache/clocks.h": "",
            "tests/cache/clocks.cc": '#include "base/clock.h"\n',
            "tests/CMakeLists.txt": SOUND["tests/CMakeLists.txt"].replace("base/key", "cache/clocks.cc base/key"),
        }
        self.assert_sound({**CLOCK, "tests/covered_by.txt": LISTED, **changes})

    def test_a_string_of_the_source_counts(self):
        clock = {**CLOCK, "src/base/clock.cc": '#include "base/clock.h"\nauto said = "the clock went back";\n'}
        listed = LISTED.replace("tests/cache/level_test.cc", "tests/engine/engine_test.py")
        program = 'self.assertIn("the clock went back", said)\n'
        self.assert_sound({**clock, "tests/covered_by.txt": listed, "tests/engine/engine_test.py": program})
        other = 'self.assertIn("the clock went on", said)\n'
        self.assert_only_fault({**clock, "tests/covered_by.txt": listed, "tests/engine/engine_test.py": other}, "nothing in")

    def test_a_test_of_a_source_that_includes_the_header_counts(self):
        level = SOUND["src/cache/level.cc"] + '#include "base/clock.h"\n'
        self.assert_sound({**CLOCK, "tests/covered_by.txt": LISTED, "src/cache/level.cc": level})

    def test_a_listed_test_that_shows_nothing(self):
        self.assert_only_fault({**CLOCK, "tests/covered_by.txt": LISTED}, "covered_by.txt:3", "nothing in tests/cache/level_test.cc")

    def test_everyday_words_and_comments_show_nothing(self):
        test = '#include "fovea/level.h"\n// SteadyClock\ndouble now();\n'
        self.assert_only_fault({**CLOCK, "tests/covered_by.txt": LISTED, "tests/cache/level_test.cc": test}, "nothing in")

    def test_a_line_that_is_not_needed(self):
        self.assert_only_fault({"tests/covered_by.txt": LISTED}, "covered_by.txt:3", "there is no src/base/clock.cc")
        changes = {**CLOCK, "tests/covered_by.txt": LISTED, "tests/base/clock_test.py": ""}
        self.assert_only_fault(changes, "covered_by.txt:3", "a test of its own, tests/base/clock_test.py")
        test = '#include "base/clock.h"\n'
        changes = {**CLOCK, "tests/covered_by.txt": LISTED + LISTED, "tests/cache/level_test.cc": test}
        self.assert_only_fault(changes, "covered_by.txt:6", "listed twice")

    def test_a_line_with_a_test_that_does_not_exist(self):
        listed = LISTED.replace("level_test", "clock_test")
        self.assert_only_fault({**CLOCK, "tests/covered_by.txt": listed}, "no test tests/cache/clock_test.cc")

    def test_a_line_without_a_reason(self):
        faults = self.faults({**CLOCK, "tests/covered_by.txt": "src/base/clock.cc tests/cache/level_test.cc\n"})
        self.assertEqual(len(faults), 2, faults)
        self.assertTrue(any("not of the form" in fault for fault in faults), faults)

    def test_a_test_without_a_source(self):
        def with_test(name):
            return {f"tests/{name}": "", "tests/CMakeLists.txt": SOUND["tests/CMakeLists.txt"] + f"add({name})\n"}

        self.assert_only_fault(with_test("base/clock_test.cc"), "tests/base/clock_test.cc", "no src/base/clock.cc")
        self.assert_only_fault(with_test("cache/key_test.cc"), "tests/cache/key_test.cc", "no src/cache/key.cc")
        self.assert_sound(with_test("cache/bucket_test.cc"))
        self.assert_sound(with_test("cache/policy/conformance_test.cc"))
        self.assert_sound(with_test("cache/old_level_checker_test.cc"))

    def test_suggestions_name_the_likeliest_test_first(self):
        changes = {
            **CLOCK, "tests/cache/level_test.cc": '#include "base/clock.h"\nSteadyClock clock;\n',
            "tests/engine/engine_test.py": "SteadyClock\n",
        }
        lines = self.with_changes(changes, lambda checkout: list(mirror.suggestions(House(checkout))))
        self.assertEqual(lines, [
            "src/base/clock.cc tests/cache/level_test.cc  # includes its header, SteadyClock",
            "#   or src/base/clock.cc tests/engine/engine_test.py  # SteadyClock",
        ])


if __name__ == "__main__":
    unittest.main()
