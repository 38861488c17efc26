"""The filter through which Doxygen reads the public headers: what it makes of each form of comment."""

import sys
import unittest
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(CHECKOUT / "tools"))
from doxygen_filter import Filter  # noqa: E402


def filtered(source):
    return Filter(source).run().split("\n")


class OpeningTest(unittest.TestCase):
    def test_it_is_about_the_file_and_about_what_it_names(self):
        source = ("// SPDX-License-" + "Identifier: Apache-2.0\n\n// Level: a map. It is fast.\n//\n// More.\n"
                  "#pragma once\nclass Level;\nclass Level {\n};")
        self.assertEqual(filtered(source), [
            "/// @file", "/// A map.", "#pragma once", "class Level;",
            "/// A map. It is fast.", "///", "/// More.", "class Level {", "};",
        ])

    def test_it_stands_before_a_template(self):
        source = "// Result: a value.\n#pragma once\ntemplate <typename T>\nusing Result = std::expected<T, Error>;"
        self.assertEqual(filtered(source)[-3:-1], ["/// A value.", "template <typename T>"])

    def test_a_declaration_with_a_comment_of_its_own_keeps_it(self):
        source = "// Key: a name.\n#pragma once\n\n// Bytes.\nstruct Key {\n};"
        self.assertEqual(filtered(source)[:2], ["/// @file", "/// Key: a name."])
        self.assertEqual(filtered(source)[4:6], ["/// Bytes.", "struct Key {"])

    def test_a_header_that_names_nothing(self):
        self.assertEqual(filtered("// The C interface.\n#pragma once")[:2], ["/// @file", "/// The C interface."])


class CommentTest(unittest.TestCase):
    def of(self, *lines):
        return filtered("\n".join(("// The file.", "#pragma once", "", *lines)))[4:]

    def test_before_and_behind_a_declaration(self):
        self.assertEqual(self.of("// Adds.", "void add(int a);"), ["/// Adds.", "void add(int a);"])
        self.assertEqual(self.of("  int a = 0;  // so many"), ["  int a = 0;  ///< So many"])
        self.assertEqual(self.of("  int a;  // sizeof(b) of it"), ["  int a;  ///< sizeof(b) of it"])

    def test_one_that_stands_alone_is_about_nothing(self):
        self.assertEqual(self.of("// A word between.", "", "int a();"), ["", "int a();"])
        self.assertEqual(self.of("}  // namespace fovea"), ["}  // namespace fovea"])

    def test_overloads_share_it_and_others_do_not(self):
        lines = self.of("// Adds.", "void add(int a);", "void add(long a);", "void clear();", "", "void add(char a);")
        self.assertEqual(lines[:4], ["/// Adds.", "void add(int a);", "/// Adds.", "void add(long a);"])
        self.assertEqual(lines[4:], ["void clear();", "", "void add(char a);"])

    def test_a_body_is_left_as_it_is(self):
        body = ["void add(int a) {", "  add(a, 0);  // at once", "}"]
        self.assertEqual(self.of("// Adds.", *body), ["/// Adds.", *body])

    def test_code_and_words_that_mean_something(self):
        lines = self.of("// Runs:", "//", "//   run(1);", "//", "// REQUIRES: a is new. Faults: none.", "void run();")
        self.assertEqual(lines, [
            "/// Runs:", "///", "/// @code{.cpp}", "///   run(1);", "/// @endcode", "///",
            "///", "/// @pre", "/// A is new.", "/// @par Faults", "/// None.", "void run();",
        ])

    def test_what_classes_say_everywhere(self):
        lines = self.of("// Makes one.", "Level();", "~Level();", "Level(const Level&) = delete;",
                        "Level& operator=(Level&&) noexcept;")
        self.assertEqual(lines[2:5], ["", "/// Not copyable.", "Level(const Level&) = delete;"])
        self.assertIn("Movable", lines[5])
        self.assertEqual(self.of("// REQUIRES: all is over", "~Level();")[-2:], ["/// All is over", "~Level();"])

    def test_comments_of_c(self):
        lines = self.of("/* Adds.", " * Fast. */", "void add(int a); /* or not */", "/* Ends.", " */", "void end();")
        self.assertEqual(lines[:3], ["/// Adds.", "/// Fast.", "void add(int a);  ///< Or not"])
        self.assertEqual(lines[3:], ["/// Ends.", "void end();"])


class HeadersTest(unittest.TestCase):
    def test_nothing_but_comments_changes(self):
        def code(lines):
            kept = (line.split("//")[0].strip() for line in lines)
            return [line for line in kept if line and not line.startswith("~")]

        headers = sorted(CHECKOUT.glob("include/fovea/*.h"))
        self.assertTrue(headers)
        for header in headers:
            if header.name != "fovea.h":  # its comments are C's
                text = header.read_text()
                self.assertEqual(code(filtered(text)), code(text.split("\n")), header)


if __name__ == "__main__":
    unittest.main()
