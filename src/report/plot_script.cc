// Axes are computed here and not by gnuplot where it matters: gnuplot would give a logarithmic axis labels at
// powers of ten only, and its range would begin anywhere, so that bars on it would have no base.
#include "report/plot_script.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <format>

namespace fovea {

namespace {

// Okabe and Ito, "Color Universal Design", 2008, with grey in place of their yellow, which is too pale on
// white.
constexpr std::array<std::string_view, 8> colours{"#0072B2", "#E69F00", "#009E73", "#D55E00",
                                                  "#56B4E9", "#CC79A7", "#8C8C8C", "#000000"};

// More labels would overlap.
constexpr int marks_max = 10;

// The length of the character that `text` begins with; 0 where it is not UTF-8.
std::size_t character_length(std::string_view text) {
  const auto first = static_cast<std::uint8_t>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = static_cast<std::size_t>(std::countl_one(first));
  if (length < 2 || length > 4 || text.size() < length) return 0;
  std::uint32_t code = first & (0x7FU >> length);
  for (const char next : text.substr(1, length - 1)) {
    if ((static_cast<std::uint8_t>(next) & 0xC0U) != 0x80) return 0;
    code = code << 6U | (static_cast<std::uint8_t>(next) & 0x3FU);
  }
  constexpr std::array<std::uint32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // smaller ones have a shorter form
  const bool character = code >= least[length] && code < 0x110000 && (code < 0xD800 || code > 0xDFFF) &&
                         code != 0xFFFE && code != 0xFFFF;  // XML does not take these two
  return character ? length : 0;
}

// The marks 1, 2, 5, 10, 20, 50, ... and the fractions before them, by number: mark(0) is 1.
double mark(int number) {
  const int decade = number >= 0 ? number / 3 : (number - 2) / 3;
  constexpr std::array<double, 3> within{1, 2, 5};
  return within[static_cast<std::size_t>(number - 3 * decade)] * std::pow(10, decade);
}

// The number of the last mark at or below `positive`, up to rounding.
int mark_below(double positive) {
  int number = 3 * (static_cast<int>(std::floor(std::log10(positive))) - 1);
  while (mark(number + 1) <= positive * (1 + 1e-9)) ++number;
  return number;
}

int mark_above(double positive) {
  const int below = mark_below(positive);
  return mark(below) >= positive * (1 - 1e-9) ? below : below + 1;
}

}  // namespace

std::string gnuplot_text(std::string_view text) {
  std::string quoted = "'";
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(length, 1));
    if (length == 0)
      quoted += '?';
    else if (character == "'")
      quoted += "''";
    else if (length == 1 && (character[0] < ' ' || character[0] == '\x7f'))
      quoted += ' ';
    else
      quoted += character;
    text.remove_prefix(character.size());
  }
  return quoted + "'";
}

std::string gnuplot_mark(std::string_view text) {
  std::string format;
  for (const char c : text) format += c == '%' ? "%%" : std::string(1, c);
  return gnuplot_text(format);
}

std::string gnuplot_number(double number) { return std::format("{:.6g}", number); }

std::string_view series_colour(std::size_t series) { return colours[series % colours.size()]; }

void Extent::include(double number) {
  low = std::min(low, number);
  high = std::max(high, number);
}

std::string linear_axis(std::string_view name, const Extent& extent, bool from_zero) {
  Extent shown = extent;
  if (extent.empty()) shown = {0, 1};
  if (from_zero) shown.include(0);
  if (shown.low == shown.high) {  // gnuplot rejects a range without width
    const double margin = shown.low == 0 ? 1 : std::abs(shown.low) / 2;
    return std::format("set {}range [{}:{}]\n", name, gnuplot_number(from_zero ? 0 : shown.low - margin),
                       gnuplot_number(shown.high + margin));
  }
  if (extent.empty()) return std::format("set {}range [0:1]\n", name);
  return std::format("set {}range [{}:*]\n", name, from_zero && shown.low == 0 ? "0" : "*");
}

Axis log_axis(std::string_view name, const Extent& extent) {
  int first = 0, last = 3, step = 1;
  if (!extent.empty()) {
    first = mark_below(extent.low);
    last = std::max(mark_above(extent.high), first + 1);
  }
  if (last - first > marks_max) {
    const int lowest = static_cast<int>(std::floor(first / 3.0)), highest = (last + 2) / 3;
    first = 3 * lowest;
    last = 3 * highest;
    step = 3 * ((highest - lowest) / marks_max + 1);
  }
  std::string marks;
  for (int number = first; number <= last; number += step) {
    if (!marks.empty()) marks += ", ";
    marks += gnuplot_number(mark(number));
  }
  return {mark(first), std::format("set logscale {0}\nset {0}range [{1}:{2}]\nset {0}tics ({3})\n", name,
                                   gnuplot_number(mark(first)), gnuplot_number(mark(last)), marks)};
}

void Plot::draw(std::string_view rows, std::string_view how) {
  blocks_ += std::format("$rows{} << END\n{}END\n", count_, rows);
  clauses_ += std::format("{}$rows{} {}", clauses_.empty() ? "" : ", \\\n  ", count_, how);
  ++count_;
}

void Plot::name_only(std::string_view how) {
  clauses_ += std::format("{}keyentry {}", clauses_.empty() ? "" : ", \\\n  ", how);
}

std::string Plot::script() const {
  // For gnuplot, a plot of nothing is an error, but a plot of a curve without points is not.
  const std::string nothing = count_ > 0 ? "" : clauses_.empty() ? "NaN notitle" : "NaN notitle, ";
  return blocks_ + "plot " + nothing + clauses_ + "\n";
}

}  // namespace fovea
