"""The structure check finds sources without a note, wide comments, and old words where they are words."""

import unittest

from miniature_house import MiniatureHouseTest
from structure import comments


class NotesTest(MiniatureHouseTest):
    LONG = "\n" * comments.LINES_WITHOUT_NOTE_MAX

    def test_a_long_source_opens_with_a_note(self):
        source = "#include <vector>\n// Not at the beginning.\n" + self.LONG
        self.assert_only_fault({"src/image/room.cc": source}, "src/image/room.cc:1:", "without an opening note")
        self.assert_sound({"src/image/room.cc": "// Pixels are rows.\n" + source})
        self.assert_sound({"src/image/room.cc": "#include <vector>\n"})

    def test_a_licence_is_no_note(self):
        licence = "// SPDX-License-Identifier: Apache-2.0\n//\n\n"
        source = "#include <vector>\n" + self.LONG
        self.assert_only_fault({"src/image/room.cc": licence + source}, "without an opening note")
        self.assert_sound({"src/image/room.cc": licence + "// Pixels are rows.\n" + source})

    def test_a_wide_comment(self):
        wide = "x" * comments.COMMENT_COLUMNS_MAX
        for name, mark in (("src/image/room.cc", "//"), ("tools/draw.py", "#"), ("cmake/rooms.cmake", "#"), ("dev", "#")):
            self.assert_only_fault({name: f"\n  {mark}{wide}\n"}, f"{name}:2:", "columns")
            self.assert_sound({name: f"\n{mark}{wide[len(mark):]}\n"})
        self.assert_sound({"src/image/room.cc": f'auto text = "{wide}";  // code\n', "docs/page.md": f"# {wide}\n"})


class OldWordsTest(MiniatureHouseTest):
    def assert_word(self, text, *words, name="src/image/room.cc"):
        self.assert_only_fault({name: f"\n{text}\n"}, f"{name}:2:", *words)

    def assert_no_word(self, text, name="src/image/room.cc"):
        self.assert_sound({name: f"\n{text}\n"})

    def test_a_word_alone_or_within_a_name(self):
        for text in ("int seat;", "take_seat(x);", "LlamaSeat s;", "x.seats_ = 1;", "// a seat", "TEST(A, ASeatIsFree)"):
            self.assert_word(text, "eat", "slot")
        for text in ("int seating;", "// a nauseating smell", "int overseat;"):
            self.assert_no_word(text)

    def test_every_file_that_people_read_is_searched(self):
        for name in ("README.md", "docs/serve.md", "bench/a.py", "tests/serve/client/a.test.mjs", "tools/a.sh"):
            self.assert_word("a gaze", "attention summary", name=name)
        self.assert_no_word("a gaze", name="CHANGELOG.md")

    def test_a_files_name_is_searched(self):
        changes = {"src/cache/shelf.h": "", "tests/cache/level_test.cc": '#include "cache/bucket.h"\n'}
        faults = self.faults(changes)
        self.assertTrue(any(fault.startswith("src/cache/shelf.h: the file's name") for fault in faults), faults)

    def test_words_that_mean_something_else(self):
        for text in ("RemovalCause why;", "llama_sampler_chain* chain;", "dashboard_.reply();", "// apart", "landing(x);"):
            self.assert_no_word(text)
        self.assert_word("Departed gone;", "deferred frees")
        self.assert_word("auto prefix_chain = 1;", "prefix_hashes")
        self.assert_word("pipeline.forget(image);", "purge")
        self.assert_sound({"src/cache/policy/room.cc": "known_.forget(slot);\n"})

    def test_a_class_is_no_english_word(self):
        for text in ("Answering::run();", "class RelayAnswering {", "Places waiting_;", "const Places& places) {"):
            self.assert_word(text, "is an old word")
        for text in ("// Answering it takes long.", "// Places are fractions of the image.", "TEST(A, InTheirPlaces)"):
            self.assert_no_word(text)

    def test_an_old_name_that_still_works_says_so(self):
        self.assert_no_word('{"name_ms", 1},  // the old name of hash_ms, until 0.3')
        self.assert_no_word('// The old name of hash_ms, until 0.3.\n{"name_ms", 1},')
        self.assert_only_fault({"src/image/room.cc": '// The old name.\n\n{"name_ms", 1},\n'}, "room.cc:3:", "hash_ms")

    def test_decisions_may_quote(self):
        self.assert_no_word("What was `Seat` is now the slot.", name="docs/decisions/001-words.md")
        self.assert_word("What was Seat is now the slot.", "slot", name="docs/decisions/001-words.md")
        self.assert_word("What was `Seat` is now the slot.", "slot", name="docs/serve.md")


if __name__ == "__main__":
    unittest.main()
