// Texts of a page come from code, from scenario files and from servers. So nothing in them is trusted to be a
// mark: a link needs a whole https address of harmless signs, and everything else is shown as words.
#include "report/page_text.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace fovea {

namespace {

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = (c >= 0 && c <= ' ') || c == '\x7f';
    if (!blank)
      line += c;
    else if (!line.empty() && line.back() != ' ')
      line += ' ';
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

bool is_address(std::string_view text) {
  constexpr std::string_view signs = "-._~:/?#@!$&*+,;=%";
  return text.starts_with("https://") && std::ranges::all_of(text, [&](unsigned char c) {
           return c < 0x80 && (std::isalnum(c) || signs.contains(static_cast<char>(c)));
         });
}

struct Found {
  Span span;
  std::size_t size;  // of the text that it was read from
};

std::optional<Found> code_at(std::string_view text) {
  const std::size_t end = text.find('`', 1);
  if (text[0] != '`' || end == std::string_view::npos || end == 1) return std::nullopt;
  return Found{{Span::Kind::code, std::string(text.substr(1, end - 1)), ""}, end + 1};
}

std::optional<Found> link_at(std::string_view text) {
  const std::size_t middle = text.find_first_of("[]", 1);
  if (text[0] != '[' || middle == std::string_view::npos || middle == 1 || !text.substr(middle).starts_with("]("))
    return std::nullopt;
  const std::size_t begin = middle + 2, end = text.find(')', begin);
  if (end == std::string_view::npos || !is_address(text.substr(begin, end - begin))) return std::nullopt;
  return Found{
      {Span::Kind::link, std::string(text.substr(1, middle - 1)), std::string(text.substr(begin, end - begin))},
      end + 1};
}

// A number, with the signs that may come before it: "about", "more than", plus, minus, money.
bool is_number(std::string_view cell) {
  for (const std::string_view before :
       {"~", "<", ">", "\u2264", "\u2265", "\u2248", "+", "-", "\u2212", "\u00b1", "$"}) {
    if (cell.starts_with(before)) cell.remove_prefix(before.size());
  }
  const bool digits = !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell[0])) || cell[0] == '.');
  constexpr std::size_t letters_max =
      12;  // enough for units, "of", "to"; a sentence that begins with a number has more
  return digits && std::ranges::count_if(cell, [](unsigned char c) { return std::isalpha(c); }) <=
                       static_cast<std::ptrdiff_t>(letters_max);
}

}  // namespace

std::vector<Span> spans_of(std::string_view text) {
  const std::string line = one_line(text);
  std::vector<Span> spans;
  for (std::size_t at = 0; at < line.size();) {
    const std::string_view rest = std::string_view(line).substr(at);
    std::optional<Found> found = code_at(rest);
    if (!found) found = link_at(rest);
    if (found) {
      spans.push_back(std::move(found->span));
      at += found->size;
      continue;
    }
    if (spans.empty() || spans.back().kind != Span::Kind::words) spans.emplace_back();
    spans.back().text += line[at++];
  }
  return spans;
}

std::string plain_text(std::string_view text) {
  std::string plain;
  for (const Span& span : spans_of(text)) plain += span.text;
  return plain;
}

bool holds_numbers(const Table& table, std::size_t column) {
  if (column == 0) return false;
  bool any = false;
  for (const auto& row : table.rows) {
    const std::string cell = column < row.size() ? plain_text(row[column]) : "";
    if (cell.empty() || cell == "-" || cell == "\u2013" || cell == "\u2014") continue;
    if (!is_number(cell)) return false;
    any = true;
  }
  return any;
}

}  // namespace fovea
