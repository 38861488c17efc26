// The marks that a page's text may have: `code`, and [links](https://...). They are read here once, for
// Markdown, HTML and CSV. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/page.h"

namespace fovea {

struct Span {
  enum class Kind : std::uint8_t { words, code, link };
  Kind kind = Kind::words;
  std::string text;     // on one line
  std::string address;  // of a link: https, of ASCII letters, digits and signs that mean nothing to any format
};

// The spans of a text, in their order. A mark that is not complete is words. Line ends and control characters
// become spaces, and the text has none at its ends.
std::vector<Span> spans_of(std::string_view text);

// The text without marks, as for a browser's tab.
std::string plain_text(std::string_view text);

// Whether a column is one of numbers, which are aligned at their right ends: it is not the first, and it has
// only numbers (with signs, units and intervals) and dashes.
bool holds_numbers(const Table& table, std::size_t column);

}  // namespace fovea
