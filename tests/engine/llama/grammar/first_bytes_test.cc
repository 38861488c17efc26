#include "engine/llama/grammar/first_bytes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/llama/grammar/json_grammar.h"
#include "engine/vocabulary.h"

namespace fovea::llama {
namespace {

using Grammar = Owned<llama_sampler, llama_sampler_free>;

// Which tokens the library accepts next, each of them checked.
std::vector<bool> let_follow(llama_sampler& grammar, std::int32_t tokens) {
  std::vector<llama_token_data> all;
  for (llama_token token = 0; token < tokens; ++token) all.push_back({token, 0, 0});
  llama_token_data_array candidates{all.data(), all.size(), -1, false};
  llama_sampler_apply(&grammar, &candidates);
  std::vector<bool> follow;
  for (const llama_token_data& candidate : all) follow.push_back(candidate.logit == 0);
  return follow;
}

TEST(FirstBytes, ThePossibleTokensIncludeAllThatMayFollow) {
  const test::Vocabulary vocabulary;
  const FirstBytes first_bytes(vocabulary.get());
  const std::string text = "{\"the\xc3\xa9\": [1, true], \"a\":null}";
  const Grammar grammar(
      llama_sampler_init_grammar(&vocabulary.get(), json_grammar(R"({"type":"object"})").value().c_str(), "root"));
  // Those that begin with a brace, and the ends.
  EXPECT_LT(std::ranges::count(first_bytes.possible(*grammar), true), 10);
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto possible = first_bytes.possible(*grammar);
    const auto follow = let_follow(*grammar, vocabulary.size());
    for (llama_token token = 0; token < vocabulary.size(); ++token) {
      const auto at = static_cast<std::size_t>(token);
      const bool special = token_text(&vocabulary.get(), token, false).empty() && token != vocabulary.end();
      EXPECT_TRUE(possible[at] || special || !follow[at]) << token << " behind " << text.substr(0, i);
    }
    if (i < text.size()) llama_sampler_accept(grammar.get(), vocabulary.of(text[i]));
  }
}

}  // namespace
}  // namespace fovea::llama
