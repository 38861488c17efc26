// Two measures are computed for each rule from those of the rules that it names, in rounds, until nothing
// changes or a bound is passed. The first is the text that the library searches for left recursion, since
// that search does not remember where it was. The second is the number of alternatives that may be open at
// once. A circular rule without a container between never comes to rest, which is how it is found.
#include "engine/llama/grammar/gbnf_rules.h"

#include <algorithm>
#include <format>
#include <numeric>
#include <utility>

#include "base/check.h"

namespace fovea::llama {

namespace {

// Rules that others name. White space and numbers are no longer than people write them, so that no answer
// consists of nothing else.
constexpr std::string_view shared_rules = R"(ws ::= ( " " | "\n" [ \t]{0,16} )?
hex ::= [0-9a-fA-F]
escape ::= "\\" ( ["\\/bfnrt] | "u" ( [0-9a-cA-CefEF] hex | [dD] [0-7] ) hex hex )
date ::= [0-9]{4} "-" ( ( "0" [1-9] | "1" [0-2] ) "-" ( "0" [1-9] | [12] [0-9] ) | days-thirty | days-all )
days-thirty ::= ( "0" [13-9] | "1" [0-2] ) "-30"
days-all ::= ( "0" [13578] | "1" [02] ) "-31"
time ::= hours ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,9} )? ( "Z" | [-+] hours ":" [0-5] [0-9] )
hours ::= [01] [0-9] | "2" [0-3]
)";

// The library searches for left recursion: from each rule it follows the rules that it may begin with, and
// theirs, and does not remember where it was. It may search so much text, which takes some 50 ms.
constexpr std::uint64_t search_bytes_max = 16 << 20;
// Each alternative that is followed side by side costs time with each character.
constexpr std::uint64_t open_at_once_max = 32;

std::string joined(const std::vector<GbnfRules::Id>& rules) {
  std::string text;
  for (const GbnfRules::Id rule : rules) text += (text.empty() ? "" : " | ") + GbnfRules::name(rule);
  return text;
}

std::string code_point(char32_t code) { return std::format("\\U{:08X}", static_cast<std::uint32_t>(code)); }

}  // namespace

GbnfRules::GbnfRules() {
  const std::vector<Rule> of_json = {
      {.text = "object | array | string | number | boolean | null", .alternatives = {object, array}},
      {.text = R"("{" ws ( member ( "," ws member )* )? "}")", .holds = {value}, .container = true},
      {.text = R"("[" ws ( value ws ( "," ws value ws )* )? "]")", .holds = {value}, .container = true},
      {.text = R"("\"" char* "\"")"},
      {.text = R"(integer ( "." [0-9]{1,17} )? ( [eE] [-+]? [0-9]{1,2} )?)"},
      {.text = R"("-"? ( "0" | [1-9] [0-9]{0,17} ))"},
      {.text = R"("true" | "false")"},
      {.text = R"("null")"}};
  for (const Rule& rule : of_json) add(rule);
}

std::string GbnfRules::name(Id rule) {
  constexpr std::string_view names[] = {"value", "object", "array", "string", "number", "integer", "boolean", "null"};
  return rule < std::size(names) ? std::string(names[rule]) : std::format("r{}", rule - std::size(names));
}

GbnfRules::Id GbnfRules::add(Rule rule) {
  ++size_;
  if (!rule.text.empty()) known_.emplace(rule.text, rules_.size());
  rules_.push_back(std::move(rule));
  return rules_.size() - 1;
}

GbnfRules::Id GbnfRules::text(const std::string& text) {
  const auto found = known_.find(text);
  return found != known_.end() ? found->second : add({.text = text});
}

GbnfRules::Id GbnfRules::container(const std::string& text, std::vector<Id> holds) {
  const auto found = known_.find(text);
  return found != known_.end() ? found->second : add({.text = text, .holds = std::move(holds), .container = true});
}

GbnfRules::Id GbnfRules::either(std::vector<Id> alternatives, bool apart) {
  std::ranges::sort(alternatives);
  const auto twice = std::ranges::unique(alternatives);
  alternatives.erase(twice.begin(), twice.end());
  if (alternatives.size() == 1) return alternatives.front();
  spend(alternatives.size());
  const std::string text = joined(alternatives);
  const auto found = known_.find(text);
  if (found == known_.end()) return add({.text = text, .alternatives = std::move(alternatives), .apart = apart});
  return found->second;
}

GbnfRules::Id GbnfRules::reserve() { return add({}); }

void GbnfRules::define(Id reserved, Id same) {
  check(rules_[reserved].text.empty(), "a rule is defined once");
  rules_[reserved].text = name(same);
  rules_[reserved].alternatives = {same};
}

std::uint64_t GbnfRules::searched_bytes(const Rule& rule, const Measures& of) {
  std::uint64_t sum = rule.text.size();
  for (const Id alternative : rule.alternatives) sum += of[alternative];
  return sum;
}

// In how many ways an answer's open objects and arrays may have been parsed so far.
std::uint64_t GbnfRules::open_at_once(const Rule& rule, const Measures& of) {
  std::uint64_t most = rule.container ? 1 : 0;
  std::uint64_t sum = 0;
  for (const Id held : rule.holds) most = std::max(most, of[held]);
  for (const Id alternative : rule.alternatives) {
    most = std::max(most, of[alternative]);
    sum += of[alternative];
  }
  return rule.apart ? most : std::max(most, sum);
}

// Whether the measures of all rules, which depend on each other, come to rest below these bounds when they
// start at 0. Goes backwards, since most rules are made before the ones that they refer to.
bool GbnfRules::settles(Measure measure, std::uint64_t most_of_one, std::uint64_t most_together) const {
  Measures of(rules_.size(), 0);
  bool changed = true;
  for (std::size_t round = 0; changed; ++round) {
    // Each round settles one step at least, unless rules are circular.
    if (round > rules_.size()) return false;
    changed = false;
    for (std::size_t i = rules_.size(); i-- > 0;) {
      const std::uint64_t now = measure(rules_[i], of);
      if (now > most_of_one) return false;
      changed |= now != of[i];
      of[i] = now;
    }
  }
  return std::accumulate(of.begin(), of.end(), std::uint64_t{0}) <= most_together;
}

std::string_view GbnfRules::obstacle() const {
  if (!settles(searched_bytes, search_bytes_max, search_bytes_max))
    return "its alternatives lead to each other in too many ways; no $ref may lead back to itself without an object or "
           "an array between";
  if (!settles(open_at_once, open_at_once_max, open_at_once_max * rules_.size()))
    return "too many of its alternatives can go on alike: let each begin with a required property of its own, or with "
           "one whose const tells which it is";
  return {};
}

std::string GbnfRules::finish(Id root, const std::set<char32_t>& escaped) const {
  std::string grammar = std::format("root ::= {}\n", name(root));
  for (Id rule = 0; rule < rules_.size(); ++rule) grammar += std::format("{} ::= {}\n", name(rule), rules_[rule].text);
  grammar += R"(member ::= string ":" ws value ws)";
  grammar += std::format("\nchar ::= {} | escape\n", plain_character(escaped));
  grammar += shared_rules;
  return grammar;
}

std::string GbnfRules::literal(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

// All of Unicode except surrogates, so that only valid UTF-8 fits.
std::string GbnfRules::plain_character(const std::set<char32_t>& without) {
  // No quote, no backslash, no control character.
  constexpr std::pair<char32_t, char32_t> plain[] = {{U' ', U'!'}, {U'#', U'['}, {U']', 0xD7FF}, {0xE000, 0x10FFFF}};
  std::string ranges;
  const auto add_range = [&](char32_t first, char32_t last) {
    if (first > last) return;
    ranges += code_point(first);
    if (first < last) ranges += "-" + code_point(last);
  };
  for (auto [first, last] : plain) {
    for (const char32_t out : without) {
      if (out < first || out > last) continue;
      add_range(first, out - 1);
      first = out + 1;
    }
    add_range(first, last);
  }
  return "[" + ranges + "]";
}

}  // namespace fovea::llama
