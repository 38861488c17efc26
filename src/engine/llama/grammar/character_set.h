// CharacterSet: a set of Unicode's characters as ranges, for classes of regular expressions. A plain value.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace fovea::llama {

class CharacterSet {
 public:
  CharacterSet() = default;
  CharacterSet(std::initializer_list<std::pair<char32_t, char32_t>> ranges) : ranges_(ranges) {}

  void add(char32_t first, char32_t last) { ranges_.emplace_back(first, last); }
  void add(const CharacterSet& other) { ranges_.insert(ranges_.end(), other.ranges_.begin(), other.ranges_.end()); }
  bool has(char32_t c) const;
  // All others; surrogates are no characters.
  CharacterSet others() const;
  CharacterSet common_with(const CharacterSet& other) const;

  // One of these characters as a class in GBNF; empty for none.
  std::string gbnf() const;

 private:
  std::vector<std::pair<char32_t, char32_t>> ranges_;  // in no order; may overlap
};

}  // namespace fovea::llama
