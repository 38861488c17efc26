// Numbers of one length are a tree: as long as the digits of both ends are the same, they are written;
// behind that the lowest digit leads to the numbers from the lower end up, the highest to those up to the
// upper end, and all between to any digits. So a range has about two alternatives for each digit.
#include "engine/llama/grammar/integer_range.h"

#include <algorithm>
#include <format>
#include <string_view>
#include <vector>

namespace fovea::llama {

namespace {

std::string digit(char from, char to) {
  return from == to ? std::format(R"("{}")", from) : std::format("[{}-{}]", from, to);
}

std::string any_digits(std::size_t count) { return count == 0 ? "" : std::format(" [0-9]{{{}}}", count); }

bool all(std::string_view digits, char same) {
  return std::ranges::all_of(digits, [same](char c) { return c == same; });
}

// The numbers of the same length from `low` to `high`, as a sequence.
std::string of_one_length(std::string_view low, std::string_view high) {
  if (low.empty()) return "";
  if (all(low.substr(1), '0') && all(high.substr(1), '9')) return digit(low[0], high[0]) + any_digits(low.size() - 1);
  if (low[0] == high[0]) return std::format(R"("{}" {})", low[0], of_one_length(low.substr(1), high.substr(1)));
  std::vector<std::string> choices;
  char from = low[0];
  char to = high[0];
  const std::string nines(low.size() - 1, '9');
  const std::string zeros(low.size() - 1, '0');
  if (low.substr(1) != zeros) choices.push_back(std::format(R"("{}" {})", from++, of_one_length(low.substr(1), nines)));
  const bool part_of_last = high.substr(1) != nines;
  if (part_of_last) --to;
  if (from <= to) choices.push_back(digit(from, to) + any_digits(low.size() - 1));
  if (part_of_last) choices.push_back(std::format(R"("{}" {})", high[0], of_one_length(zeros, high.substr(1))));
  std::string text;
  for (const std::string& choice : choices) text += (text.empty() ? "" : " | ") + choice;
  return choices.size() == 1 ? text : "( " + text + " )";
}

// The numbers from `least` to `most`, which are not negative, as alternatives.
std::string not_negative(std::int64_t least, std::int64_t most) {
  std::string text;
  const auto add = [&text](const std::string& choice) { text += (text.empty() ? "" : " | ") + choice; };
  const std::string high = std::to_string(most);
  for (std::string low = std::to_string(least);;) {
    const bool last = low.size() == high.size();
    add(of_one_length(low, last ? high : std::string(low.size(), '9')));
    if (last) return text;
    low = "1" + std::string(low.size(), '0');
  }
}

}  // namespace

std::string integer_range(std::int64_t least, std::int64_t most) {
  std::string text;
  if (least < 0) text = std::format(R"("-" ( {} ))", not_negative(std::max<std::int64_t>(1, -most), -least));
  if (most >= 0) text += (text.empty() ? "" : " | ") + not_negative(std::max<std::int64_t>(0, least), most);
  return text;
}

}  // namespace fovea::llama
