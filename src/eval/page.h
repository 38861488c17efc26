// Page: a report as content - headings, sentences, tables, figures - that is written once and shown as Markdown, as one HTML file, and as
// JSON. Plain values; pure functions. All texts are shown as they are: what means something to HTML or Markdown is escaped, except that
// `code` between backquotes is code in both, and [text](https://...) a link.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "eval/figure.h"

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

struct Table {
  std::string name;     // of its file, as of a figure
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

// As Markdown (GitHub's dialect). A figure is shown as the file NAME.svg in the folder `figures`.
std::string markdown(const Page& page, std::string_view figures);

// One HTML file that needs no other: styles inside, light and dark, readable on a phone and on paper, a list of the chapters at the top.
// `svg_of` gives a figure's SVG, which is put in as an image (a data: URL, so that its styles and ids stay its own), with the caption as
// its text for those who do not see it; a figure whose SVG is empty is shown as its table of numbers.
std::string html(const Page& page, const std::function<std::string(const Figure&)>& svg_of);

// A table as CSV (RFC 4180), head first.
std::string csv(const Table& table);

}  // namespace fovea
