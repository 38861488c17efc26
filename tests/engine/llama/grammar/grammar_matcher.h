// GrammarMatcher: what the library accepts of a grammar, byte by byte; for tests.
#pragma once

#include <gtest/gtest.h>
#include <llama.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "engine/vocabulary.h"

namespace fovea::llama::test {

inline const fovea::test::Vocabulary& vocabulary() {
  static const fovea::test::Vocabulary all;
  return all;
}

class GrammarMatcher {
 public:
  explicit GrammarMatcher(const std::string& grammar)
      : sampler_(llama_sampler_init_grammar(&vocabulary().get(), grammar.c_str(), "root")) {
    EXPECT_TRUE(sampler_) << grammar;
  }
  bool may_follow(llama_token token) {
    llama_token_data alone{token, 0, 0};
    llama_token_data_array candidates{&alone, 1, -1, false};
    llama_sampler_apply(sampler_.get(), &candidates);
    return alone.logit == 0;
  }
  bool push(char byte) {
    if (!may_follow(vocabulary().of(byte))) return false;
    llama_sampler_accept(sampler_.get(), vocabulary().of(byte));
    return true;
  }
  bool complete() { return may_follow(vocabulary().end()); }
  bool takes(std::string_view text) {
    return std::ranges::all_of(text, [&](char byte) { return push(byte); }) && complete();
  }

  // The characters of ASCII that may follow.
  std::vector<char> possible() {
    std::vector<llama_token_data> all;
    for (int byte = 0; byte < 128; ++byte) all.push_back({vocabulary().of(static_cast<char>(byte)), 0, 0});
    llama_token_data_array candidates{all.data(), all.size(), -1, false};
    llama_sampler_apply(sampler_.get(), &candidates);
    std::vector<char> characters;
    for (int byte = 0; byte < 128; ++byte) {
      if (all[static_cast<std::size_t>(byte)].logit == 0) characters.push_back(static_cast<char>(byte));
    }
    return characters;
  }
  // A random text that the grammar takes; where it has no end within `length` bytes, a part of one.
  std::string random_text(unsigned seed, std::size_t length) {
    std::mt19937 chance(seed);
    std::string text;
    while (text.size() < length && (!complete() || chance() % 4 != 0)) {
      std::vector<char> choices = possible();
      if (choices.empty()) break;
      // Mostly what ends something, so that texts come to an end.
      const auto others =
          std::ranges::partition(choices, [](char c) { return std::string_view("\"}])>/<,:").contains(c); });
      if (others.size() < choices.size() && chance() % 3 != 0) choices.erase(others.begin(), others.end());
      const char byte = choices[chance() % choices.size()];
      push(byte);
      text += byte;
    }
    return text;
  }

 private:
  Owned<llama_sampler, llama_sampler_free> sampler_;
};

}  // namespace fovea::llama::test
