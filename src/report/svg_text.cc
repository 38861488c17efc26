// No XML parser: what is looked for is exactly what gnuplot writes, a group's two tags with nothing but
// blanks between them, and d='...' with nothing but absolute M and L commands. In a text, < is written as
// &lt;, so neither can be found within one by mistake.
#include "report/svg_text.h"

#include <algorithm>
#include <optional>

namespace fovea {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string without_empty_groups(std::string_view svg) {
  constexpr std::string_view begin = "<g ", end = "</g>";
  std::string text;
  for (;;) {
    const std::size_t tag = svg.find(begin);
    const std::size_t inside = svg.find('>', std::min(tag, svg.size()));
    if (inside == std::string_view::npos) break;
    const std::size_t after = svg.find_first_not_of(blanks, inside + 1);
    const bool empty = after != std::string_view::npos && svg.substr(after).starts_with(end);
    text += svg.substr(0, empty ? tag : inside + 1);
    svg.remove_prefix(empty ? after + end.size() : inside + 1);
    if (empty) svg.remove_prefix(std::min(svg.find_first_not_of(blanks), svg.size()));
  }
  return text.append(svg);
}

// The next word of `path`, taken from it; empty at its end.
std::string_view next_word(std::string_view& path) {
  path.remove_prefix(std::min(path.find_first_not_of(blanks), path.size()));
  const std::string_view word = path.substr(0, path.find_first_of(blanks));
  path.remove_prefix(word.size());
  return word;
}

// The path in short form; nullopt where it has other words than gnuplot's Mx,y and Lx,y.
std::optional<std::string> short_path(std::string_view path) {
  std::string text;
  std::string_view x, y;  // where the pen is
  for (std::string_view word = next_word(path); !word.empty(); word = next_word(path)) {
    const std::size_t comma = word.find(',');
    const bool known = comma != std::string_view::npos && (word[0] == 'M' || (word[0] == 'L' && !x.empty()));
    if (!known || word.find_first_not_of("0123456789.,-", 1) != std::string_view::npos) return std::nullopt;
    const std::string_view to_x = word.substr(1, comma - 1), to_y = word.substr(comma + 1);
    if (word[0] == 'L' && to_y == y)
      text.append("H").append(to_x);
    else if (word[0] == 'L' && to_x == x)
      text.append("V").append(to_y);
    else
      text.append(word);
    x = to_x;
    y = to_y;
  }
  return text;
}

std::string with_short_paths(std::string_view svg) {
  constexpr std::string_view begin = " d='";
  std::string text;
  for (;;) {
    const std::size_t at = std::min(svg.find(begin), svg.size()), from = std::min(at + begin.size(), svg.size());
    const std::size_t end = svg.find('\'', from);
    if (end == std::string_view::npos) break;
    text.append(svg.substr(0, from));
    const std::string_view path = svg.substr(from, end - from);
    svg.remove_prefix(from);
    text.append(short_path(path).value_or(std::string(path)));
    svg.remove_prefix(path.size());
  }
  return text.append(svg);
}

}  // namespace

std::string compact_svg(std::string_view svg) { return with_short_paths(without_empty_groups(svg)); }

}  // namespace fovea
