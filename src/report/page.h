// Page: a report as content - headings, sentences, tables, figures - that is written once and shown as Markdown and as
// one HTML file. Plain values; pure functions. All texts are shown as they are: what means something to HTML or
// Markdown is escaped, except that `code` between backquotes is code in both, and [text](https://...) a link.
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

struct Listing {  // shown as it is: commands, configuration
  std::string text;
};

struct Bullets {
  std::vector<std::string> items;
};

// Columns that hold nothing but numbers are aligned at their ends.
struct Table {
  std::string name;     // of its file, as of a figure; empty: it has none
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

// Whether there are pictures of a page's figures.
enum class Pictures : std::uint8_t { drawn, missing };

// As Markdown (GitHub's dialect). A figure is shown as the file NAME.svg in the folder `figures`, with a link to its
// numbers, NAME.csv; where pictures are missing, by that link alone, and a sentence says why.
std::string markdown(const Page& page, std::string_view figures, Pictures pictures = Pictures::drawn);

// One HTML file that needs no other: styles inside, light and dark, readable on a phone and on paper, a list of the
// chapters at the top. `svg_of` gives a figure's SVG, which is put in as an image (a data: URL, so that its styles and
// ids stay its own), with the caption as its text for those who do not see it; a figure whose SVG is empty is shown as
// its table of numbers.
std::string html(const Page& page, const std::function<std::string(const Figure&)>& svg_of);

// A table as CSV (RFC 4180), head first. Of code and links, the text.
std::string csv(const Table& table);

}  // namespace fovea
