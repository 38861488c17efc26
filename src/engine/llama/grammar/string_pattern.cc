// A descent over the expression. Each part knows how many characters it stands for when repetitions are
// written out, since the library may follow that many positions side by side, and whether it may be empty,
// since the library refuses endless repetitions of nothing.
#include "engine/llama/grammar/string_pattern.h"

#include <algorithm>
#include <format>
#include <optional>
#include <utility>

#include "engine/llama/grammar/character_set.h"
#include "engine/llama/grammar/gbnf_rules.h"
#include "engine/llama/grammar/json_texts.h"

namespace fovea::llama {

namespace {

constexpr std::size_t size_max = 1000;      // with one repetition that may end at several places
constexpr std::size_t open_size_max = 256;  // with more of them, which the library follows side by side
constexpr std::size_t repetitions_max = 1000;
constexpr int depth_max = 16;  // groups in groups
constexpr std::string_view too_many = "stands for too many characters: repeat less, or take fewer alternatives";

struct Part {
  std::string gbnf;
  std::size_t size = 0;
  bool may_be_empty = true;
};

struct Times {
  std::size_t least = 1;
  std::optional<std::size_t> most = 1;
};

const CharacterSet digits = {{'0', '9'}};
const CharacterSet word = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
const CharacterSet space = {{9, 13},          {' ', ' '},       {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                            {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
const CharacterSet line_ends = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}};

struct Refused {
  std::string why;
};

class PatternReader {
 public:
  PatternReader(std::u32string_view text, WrittenAs written) : text_(text), written_(written) {}

  Part read() {
    if (!take(U'^') || !text_.ends_with(U'$') || escaped_end())
      throw Refused{"is not kept to everywhere: begin it with ^ and end it with $"};
    text_.remove_suffix(1);
    Part all = sequence(0);
    if (at_ < text_.size() && text_[at_] == U'|') throw Refused{"has alternatives outside of a group: write ^(a|b)$"};
    if (at_ < text_.size()) throw Refused{"has a ) without its ("};
    if (all.size > (endings_ > 1 ? open_size_max : size_max)) throw Refused{std::string(too_many)};
    return all;
  }

 private:
  bool escaped_end() const {
    std::size_t backslashes = 0;
    for (std::size_t i = text_.size() - 1; i > 0 && text_[i - 1] == U'\\'; --i) ++backslashes;
    return backslashes % 2 == 1;
  }
  bool take(char32_t c) {
    const bool found = at_ < text_.size() && text_[at_] == c;
    if (found) ++at_;
    return found;
  }
  char32_t next() {
    if (at_ >= text_.size()) throw Refused{"ends too early"};
    return text_[at_++];
  }

  Part choice(int depth);
  Part sequence(int depth);
  Part item(int depth);
  Part repeated(Part part);
  std::optional<Times> times();
  std::optional<std::size_t> number();
  CharacterSet class_set();
  CharacterSet escape(bool in_class);
  char32_t hex(int count);
  Part one_of(const CharacterSet& set) const;

  std::u32string_view text_;
  const WrittenAs written_;
  std::size_t at_ = 0;
  std::size_t endings_ = 0;  // repetitions that may end at several places
};

Part PatternReader::choice(int depth) {
  Part all = sequence(depth);
  while (take(U'|')) {
    const Part other = sequence(depth);
    all.gbnf += " | " + other.gbnf;
    all.size += other.size + 1;
    all.may_be_empty |= other.may_be_empty;
    if (all.size > size_max) throw Refused{std::string(too_many)};
  }
  return all;
}

Part PatternReader::sequence(int depth) {
  if (depth > depth_max) throw Refused{std::format("has more than {} groups one in the other", depth_max)};
  Part all;
  while (at_ < text_.size() && text_[at_] != U'|' && text_[at_] != U')') {
    const Part part = repeated(item(depth));
    all.gbnf += " " + part.gbnf;
    all.size += part.size;
    all.may_be_empty &= part.may_be_empty;
    if (all.size > size_max) throw Refused{std::string(too_many)};
  }
  if (all.gbnf.empty()) all.gbnf = R"("")";
  return all;
}

Part PatternReader::item(int depth) {
  const char32_t c = next();
  switch (c) {
    case U'(': {
      if (take(U'?') && !take(U':')) throw Refused{"looks ahead, looks back or names a group, which no grammar can"};
      Part group = choice(depth + 1);
      if (!take(U')')) throw Refused{"has a ( without its )"};
      group.gbnf = "( " + group.gbnf + " )";
      return group;
    }
    case U'[':
      return one_of(class_set());
    case U'.':
      return one_of(line_ends.others());
    case U'\\':
      return one_of(escape(false));
    case U'^':
    case U'$':
      throw Refused{"has an anchor within"};
    case U'?':
    case U'*':
    case U'+':
    case U'{':
      throw Refused{"repeats nothing: write \\ before a sign that is meant itself"};
    default:
      return one_of({{c, c}});
  }
}

Part PatternReader::repeated(Part part) {
  const auto found = times();
  if (!found) return part;
  take(U'?');  // a lazy repetition takes the same texts
  if (at_ < text_.size() && (text_[at_] == U'*' || text_[at_] == U'+' || text_[at_] == U'?' || text_[at_] == U'{'))
    throw Refused{"repeats a repetition: put it into a group"};
  const auto [least, most] = *found;
  if (most && *most < least) throw Refused{"has a repetition whose ends are the wrong way round"};
  if (std::max(least, most.value_or(0)) > repetitions_max)
    throw Refused{std::format("repeats more than {} times", repetitions_max)};
  if (part.may_be_empty && most != std::optional<std::size_t>(1) && most != std::optional<std::size_t>(0))
    throw Refused{"repeats what may be empty"};
  if (most != std::optional(least)) ++endings_;
  const std::string count = most ? std::format("{{{},{}}}", least, *most) : std::format("{{{},}}", least);
  if (most == std::optional<std::size_t>(0)) return {R"("")", 1, true};
  return {part.gbnf + count, part.size * std::max<std::size_t>({least, most.value_or(1), 1}),
          least == 0 || part.may_be_empty};
}

// A repetition, if there is one here.
std::optional<Times> PatternReader::times() {
  if (take(U'?')) return Times{0, 1};
  if (take(U'*')) return Times{0, std::nullopt};
  if (take(U'+')) return Times{1, std::nullopt};
  if (!take(U'{')) return std::nullopt;
  const auto least = number();
  Times times{least.value_or(0), least};
  if (take(U',')) times.most = number();
  if (!least || !take(U'}')) throw Refused{"has a { that is no repetition: write \\{"};
  return times;
}

std::optional<std::size_t> PatternReader::number() {
  std::optional<std::size_t> value;
  for (; at_ < text_.size() && text_[at_] >= U'0' && text_[at_] <= U'9'; ++at_)
    value = std::min<std::size_t>(value.value_or(0) * 10 + (text_[at_] - U'0'), repetitions_max + 1);
  return value;
}

CharacterSet PatternReader::class_set() {
  const bool opposite = take(U'^');
  CharacterSet set;
  while (!take(U']')) {
    const std::size_t begin = at_;
    const char32_t first = next();
    const CharacterSet one = first == U'\\' ? escape(true) : CharacterSet{{first, first}};
    const bool is_range = at_ + 1 < text_.size() && text_[at_] == U'-' && text_[at_ + 1] != U']';
    if (!is_range) {
      set.add(one);
      continue;
    }
    ++at_;
    const char32_t last = next();
    if (first == U'\\' || last == U'\\') {
      // Only of plain characters is it plain what a range is.
      throw Refused{std::format("has a range with an escape at its character {}: write the characters", begin)};
    }
    if (last < first) throw Refused{"has a range whose ends are the wrong way round"};
    set.add(first, last);
  }
  return opposite ? set.others() : set;
}

CharacterSet PatternReader::escape(bool in_class) {
  const char32_t c = next();
  const auto is = [](char32_t one) { return CharacterSet{{one, one}}; };
  switch (c) {
    case U'd':
      return digits;
    case U'D':
      return digits.others();
    case U'w':
      return word;
    case U'W':
      return word.others();
    case U's':
      return space;
    case U'S':
      return space.others();
    case U'n':
      return is(U'\n');
    case U'r':
      return is(U'\r');
    case U't':
      return is(U'\t');
    case U'f':
      return is(U'\f');
    case U'v':
      return is(U'\v');
    case U'x':
      return is(hex(2));
    case U'u':
      return is(hex(4));
    case U'b':
      if (in_class) return is(U'\b');
      [[fallthrough]];
    default:
      break;
  }
  if ((c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'))
    throw Refused{std::format("has \\{}, which no grammar can keep to", static_cast<char>(c))};
  return is(c);
}

char32_t PatternReader::hex(int count) {
  char32_t value = 0;
  for (int i = 0; i < count; ++i) {
    const char32_t c = next();
    const bool is_digit = c >= U'0' && c <= U'9';
    const char32_t lower = c | 0x20;
    if (!is_digit && (lower < U'a' || lower > U'f')) throw Refused{"has an escape that is no number"};
    value = value * 16 + (is_digit ? c - U'0' : lower - U'a' + 10);
  }
  if (value >= 0xD800 && value <= 0xDFFF) throw Refused{"has half a character as an escape: write the character"};
  return value;
}

// Characters that stand in the text as they are, and the others as escapes.
Part PatternReader::one_of(const CharacterSet& set) const {
  std::string choices;
  const auto add = [&choices](const std::string& text) {
    if (!text.empty()) choices += (choices.empty() ? "" : " | ") + text;
  };
  if (written_ == WrittenAs::text) {
    add(set.common_with({{'\t', '\n'}, {' ', ';'}, {'=', 0xD7FF}, {0xE000, 0x10FFFF}}).gbnf());
  } else {
    add(set.common_with({{' ', '!'}, {'#', '['}, {']', 0xD7FF}, {0xE000, 0x10FFFF}}).gbnf());
    constexpr std::pair<char32_t, std::string_view> escapes[] = {{'"', R"(\")"},  {'\\', R"(\\)"}, {'\n', R"(\n)"},
                                                                 {'\r', R"(\r)"}, {'\t', R"(\t)"}, {'\b', R"(\b)"},
                                                                 {'\f', R"(\f)"}};
    for (const auto& [c, text] : escapes) {
      if (set.has(c)) add(GbnfRules::literal(text));
    }
  }
  if (choices.empty()) throw Refused{"asks for a character that cannot be written"};
  return {choices.contains('|') ? "( " + choices + " )" : choices, 1, false};
}

}  // namespace

std::expected<StringPattern, std::string> string_pattern(std::string_view pattern, WrittenAs written) {
  const std::u32string characters = characters_of(pattern);
  try {
    const Part part = PatternReader(characters, written).read();
    return StringPattern{part.gbnf, part.size};
  } catch (const Refused& refused) {
    return std::unexpected(refused.why);
  }
}

}  // namespace fovea::llama
