// A page as GitHub's Markdown. A sign is escaped wherever it could mean something, and not only where it does
// in today's sentences, because sentences change more often than this file.
#include <algorithm>
#include <cctype>
#include <format>

#include "report/page.h"
#include "report/page_text.h"

namespace fovea {

namespace {

bool is_letter(std::string_view text, std::size_t at) {
  return at < text.size() && std::isalnum(static_cast<unsigned char>(text[at]));
}

std::string escaped_words(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool within_word = c == '_' && i > 0 && is_letter(text, i - 1) && is_letter(text, i + 1);
    if (c == '&')
      escaped += "&amp;";
    else if (c == '<')
      escaped += "&lt;";
    else if (c == '>')
      escaped += "&gt;";
    else if (std::string_view("\\`*[]#~$|_").contains(c) && !within_word)
      escaped += {'\\', c};
    else
      escaped += c;
  }
  return escaped;
}

// Code is written as it is, but in a table | would end the cell.
std::string code_of(std::string_view text, bool in_table) {
  std::string code = "`";
  for (const char c : text) code += in_table && c == '|' ? "\\|" : std::string(1, c);
  return code + '`';
}

std::string inline_text(std::string_view text, bool in_table = false) {
  std::string line;
  for (const Span& span : spans_of(text)) {
    switch (span.kind) {
      case Span::Kind::words:
        line += escaped_words(span.text);
        break;
      case Span::Kind::code:
        line += code_of(span.text, in_table);
        break;
      case Span::Kind::link:
        line += std::format("[{}]({})", escaped_words(span.text), span.address);
        break;
    }
  }
  return line;
}

// At the start of a line, "-", "+", "=" and "1." begin lists and headings.
std::string sentence(std::string_view text) {
  std::string line = inline_text(text);
  const std::size_t digits = std::min(line.find_first_not_of("0123456789"), line.size());
  if (!line.empty() && std::string_view("-+=").contains(line[0]))
    line.insert(0, "\\");
  else if (digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')'))
    line.insert(digits, "\\");
  return line;
}

std::string emphasised(std::string_view text) {
  const std::string line = inline_text(text);
  return line.empty() ? "" : "*" + line + "*";
}

std::string row_of(const std::vector<std::string>& cells) {
  std::string row = "|";
  for (const std::string& cell : cells) row += " " + inline_text(cell, true) + " |";
  return row + "\n";
}

class Writer {
 public:
  Writer(std::string_view figures, Pictures pictures) : figures_(figures), pictures_(pictures) {}

  void operator()(const Heading& heading) {
    const auto depth = static_cast<std::size_t>(std::clamp(heading.depth, 2, 3));
    add(std::string(depth, '#') + " " + inline_text(heading.text));
  }
  void operator()(const Paragraph& paragraph) { add(sentence(paragraph.text)); }
  void operator()(const Listing& listing) {
    std::string fence = "```";
    while (listing.text.contains(fence)) fence += '`';
    add(fence + "\n" + listing.text + (listing.text.ends_with('\n') ? "" : "\n") + fence);
  }
  void operator()(const Bullets& bullets) {
    std::string list;
    for (const std::string& item : bullets.items) list += (list.empty() ? "- " : "\n- ") + sentence(item);
    add(list);
  }
  void operator()(const Table& table) {
    add(emphasised(table.caption));
    std::string text = row_of(table.head) + "|";
    for (std::size_t i = 0; i < table.head.size(); ++i) text += holds_numbers(table, i) ? "---:|" : ":---|";
    text += '\n';
    for (const auto& row : table.rows) text += row_of(row);
    text.pop_back();
    add(text);
  }
  void operator()(const Figure& figure) {
    const std::string file = std::format("{}/{}", figures_, figure.name);
    if (pictures_ == Pictures::drawn) {
      add(std::format("![{}]({}.svg)", escaped_words(plain_text(figure.caption)), file));
      add(std::format("{} ([numbers]({}.csv))", emphasised(figure.caption), file));
    } else {
      add(std::format("{} (Not drawn, since gnuplot was not installed: [the numbers]({}.csv).)",
                      emphasised(figure.caption), file));
    }
  }

  std::string take() { return std::move(text_); }
  void add(const std::string& block) {
    if (block.empty()) return;
    if (!text_.empty()) text_ += '\n';
    text_ += block + '\n';
  }

 private:
  std::string_view figures_;
  Pictures pictures_;
  std::string text_;
};

}  // namespace

std::string markdown(const Page& page, std::string_view figures, Pictures pictures) {
  Writer writer(figures, pictures);
  writer.add("# " + inline_text(page.title));
  for (const PageBlock& block : page.blocks) std::visit(writer, block);
  return writer.take();
}

}  // namespace fovea
