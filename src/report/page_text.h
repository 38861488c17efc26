// The two things that a page's text may hold besides itself: `code`, and [links](https://...). Read once here, for all
// that show pages. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/page.h"

namespace fovea {

struct Span {
  enum class Kind : std::uint8_t { words, code, link };
  Kind kind = Kind::words;
  std::string text;  // on one line
  std::string
      address;  // of a link: an https address of ASCII letters, digits and signs that no format gives a meaning to
};

// The spans of a text, in their order. What is no complete code or link is words. Ends of lines and control characters
// become spaces, and none is left at the ends, since all texts of a page are one piece.
std::vector<Span> spans_of(std::string_view text);

// The text alone, as for a browser's tab.
std::string plain_text(std::string_view text);

// Whether the table's column is one of numbers, which belong under each other at their ends: not the first, and nothing
// but numbers (with signs, units and intervals) and dashes in it.
bool holds_numbers(const Table& table, std::size_t column);

}  // namespace fovea
