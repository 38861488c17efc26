// A grammar cannot say "any key but these". So the named keys form a tree of their characters, and another
// key is one that leaves this tree: at each node any character goes on that is none of the node's own, and
// the key may end where no name does. Costs a rule for each character of the names.
#include "engine/llama/grammar/json_texts.h"

#include <algorithm>
#include <format>
#include <map>
#include <ranges>
#include <utility>
#include <vector>

namespace fovea::llama {

namespace {

bool needs_escape(char32_t c) { return c < U' ' || c == U'"' || c == U'\\'; }

// A node of the tree of names; `next` leads to the node behind each next character.
struct Letter {
  std::map<char32_t, std::size_t> next;
  bool ends_name = false;
};

std::vector<Letter> letters_of(const std::set<std::string>& names) {
  std::vector<Letter> letters(1);
  for (const std::string& name : names) {
    const std::u32string characters = characters_of(name);
    // Other keys are accepted without escapes only.
    if (std::ranges::any_of(characters, needs_escape)) continue;
    std::size_t at = 0;
    for (const char32_t c : characters) {
      const auto [next, fresh] = letters[at].next.try_emplace(c, letters.size());
      at = next->second;
      if (fresh) letters.emplace_back();
    }
    letters[at].ends_name = true;
  }
  return letters;
}

}  // namespace

std::u32string characters_of(std::string_view text) {
  std::u32string characters;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80 && !characters.empty())
      characters.back() = (characters.back() << 6) | (byte & 0x3F);
    else
      characters += byte < 0x80 ? byte : byte < 0xE0 ? byte & 0x1F : byte < 0xF0 ? byte & 0x0F : byte & 0x07;
  }
  return characters;
}

// Built from the last member to the first. `first` is the rest of the object if no member was written before
// it, `more` the rest if one was.
std::string members(GbnfRules& rules, std::span<const Member> named, const std::string& others) {
  std::string first;
  std::string more;
  const auto as_rule = [&rules](const std::string& text) {
    return text.empty() ? text : GbnfRules::name(rules.text(text)) + " ";
  };
  if (!others.empty()) {
    more = GbnfRules::name(rules.text(R"("," ws )" + others)) + "* ";
    first = std::format("( {} {})? ", others, more);
  }
  for (const Member& member : named | std::views::reverse) {
    if (member.required) {
      first = member.text + " " + more;
      more = R"("," ws )" + first;
      continue;
    }
    const std::string behind = as_rule(more);
    const std::string without = as_rule(first);
    first = without.empty() ? std::format("( {} {})? ", member.text, behind)
                            : std::format("( {} {}| {}) ", member.text, behind, without);
    more = std::format(R"(( "," ws {} )? {})", member.text, behind);
  }
  return first;
}

// A key may share its beginning with names, and then differs from all of them.
std::string other_key(GbnfRules& rules, const std::set<std::string>& names) {
  if (names.empty()) return GbnfRules::name(GbnfRules::string);
  const std::string any = GbnfRules::name(rules.text(GbnfRules::plain_character({})));
  const std::vector<Letter> letters = letters_of(names);
  std::vector<std::string> rest(letters.size());  // what may follow, with the closing quote
  for (std::size_t i = letters.size(); i-- > 0;) {
    std::set<char32_t> branches;
    std::string text = letters[i].ends_name ? "" : R"("\"" | )";
    for (const auto& [c, next] : letters[i].next) {
      branches.insert(c);
      text += std::format("[\\U{:08X}] {} | ", static_cast<std::uint32_t>(c), rest[next]);
    }
    text += std::format(R"({} {}* "\"")", GbnfRules::plain_character(branches), any);
    rest[i] = GbnfRules::name(rules.text(text));
  }
  return R"("\"" )" + rest.front();
}

// Dates and times are those of RFC 3339. Each month has its number of days; February always has 29.
std::string_view format_rule(std::string_view format) {
  if (format == "date") return "date";
  if (format == "time") return "time";
  if (format == "date-time") return R"(date "T" time)";
  return format == "uuid" ? R"(hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12})" : "";
}

}  // namespace fovea::llama
