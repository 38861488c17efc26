// Page: a report as content (headings, sentences, tables, figures), which is shown as Markdown and as one
// HTML file.
//
// Plain values; pure functions; thread-safe. All texts are shown as they are: what means something to HTML or
// Markdown is escaped, except that `code` between backquotes is code in both, and [text](https://...) is a
// link.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "report/figure.h"

namespace fovea {

struct Paragraph {
  std::string text;
};

struct Listing {  // shown as it is: commands, for example
  std::string text;
};

struct Bullets {
  std::vector<std::string> items;
};

// Columns of numbers are aligned at their right ends.
struct Table {
  std::string name;     // of its file, as of a figure; empty: it has no file
  std::string caption;  // a sentence, or empty
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;  // as many cells as the head
};

struct Heading {
  int depth = 2;  // 2 a chapter, 3 a section
  std::string text;
};

using PageBlock = std::variant<Heading, Paragraph, Listing, Bullets, Table, Figure>;

struct Page {
  std::string title;
  std::vector<PageBlock> blocks;
};

// Whether a page's figures were drawn.
enum class Pictures : std::uint8_t { drawn, missing };

// The page as Markdown (GitHub's dialect). A figure is shown as the file NAME.svg in the folder `figures`,
// with a link to its numbers, NAME.csv. Where figures were not drawn, the link alone is shown, and a sentence
// says why.
std::string markdown(const Page& page, std::string_view figures, Pictures pictures = Pictures::drawn);

// The page as one HTML file that needs no other. Its styles are light and dark, for screens, phones and
// paper, and a list of the chapters is at the top. `svg_of` gives a figure's SVG. It becomes an image with a
// data: URL, so that its styles and ids stay its own, and its caption is the text for readers who cannot see
// it. A figure whose SVG is empty is shown as a table of its numbers.
std::string html(const Page& page, const std::function<std::string(const Figure&)>& svg_of);

// A table as CSV (RFC 4180), head first. Code and links are written as their text.
std::string csv(const Table& table);

}  // namespace fovea
