// GbnfRules: the rules of a grammar that is being built, in llama.cpp's notation (GBNF), and what they would
// cost.
//
// A grammar is cheap in the library where the next character decides between alternatives. Where it does not,
// all alternatives are followed side by side, and their number can double with each nested object. So
// grammars are measured here before the library sees them, and those that could stall all answers are
// refused. A plain value; used by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fovea::llama {

class GbnfRules {
 public:
  using Id = std::size_t;

  // The rules that every grammar has: any JSON value of each type.
  static constexpr Id value = 0, object = 1, array = 2, string = 3, number = 4, integer = 5, boolean = 6, null = 7;

  GbnfRules();

  // A rule of this text. Rules of the same text are the same rule.
  Id text(const std::string& text);
  // The same for an object or an array whose values have the rules `holds`.
  Id container(const std::string& text, std::vector<Id> holds);
  // One of `alternatives`. `apart`: at most one of them is left when a nested object or array begins.
  Id either(std::vector<Id> alternatives, bool apart);
  // A rule that is defined later, to be the same as the rule `same`. For references, which may be circular.
  Id reserve();
  void define(Id reserved, Id same);

  static std::string name(Id rule);

  // How many rules, alternatives and repetitions the grammar has so far. spend() adds those that are no
  // rules.
  std::size_t size() const { return size_; }
  void spend(std::size_t count) { size_ += count; }

  // Why the library must not have this grammar, as the end of a sentence; empty if it may.
  std::string_view obstacle() const;
  // The grammar of answers that are `root`. Any string of JSON is written without the characters `escaped`.
  std::string finish(Id root, const std::set<char32_t>& escaped = {}) const;

  // In GBNF: exactly these bytes, UTF-8; and any character of a JSON string that needs no escape, except
  // `without`.
  static std::string literal(std::string_view bytes);
  static std::string plain_character(const std::set<char32_t>& without);

 private:
  struct Rule {
    std::string text;
    std::vector<Id> holds;         // of an object or array
    std::vector<Id> alternatives;  // of a choice
    bool container = false;
    bool apart = true;
  };

  Id add(Rule rule);
  using Measures = std::vector<std::uint64_t>;  // of each rule
  using Measure = std::uint64_t (*)(const Rule& rule, const Measures& of);
  static std::uint64_t searched_bytes(const Rule& rule, const Measures& of);
  static std::uint64_t open_at_once(const Rule& rule, const Measures& of);
  bool settles(Measure measure, std::uint64_t most_of_one, std::uint64_t most_together) const;

  std::vector<Rule> rules_;
  std::map<std::string, Id> known_;  // by text
  std::size_t size_ = 0;
};

}  // namespace fovea::llama
