// TokenFit: tokens of prompts from what a log says of them, as its own usage shows; without usage, by a rule
// of thumb.
//
// TokenFitter learns tokens = per_byte x bytes + per_part x parts + per_picture_token x picture tokens by
// least squares over all requests with usage. The last is 1 where the log's model takes as many tokens of a
// picture as the profile's. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>

#include "audit/prompts/prompt_size.h"

namespace fovea {

struct TokenFit {
  double per_byte = 0.25;        // English has about four bytes a token in the vocabularies of current models
  double per_part = 4;           // what chat templates put around a message: its role, its begin and its end
  double per_picture_token = 1;  // the log's tokens for each of the profile's

  double text_tokens(const PromptSize& size) const { return per_byte * size.bytes + per_part * size.parts; }
  double tokens(const PromptSize& size) const { return text_tokens(size) + per_picture_token * size.picture_tokens; }
};

class TokenFitter {
 public:
  void see(const PromptSize& size, double prompt_tokens);
  std::uint64_t seen() const { return seen_; }
  // What was learnt; the rule of thumb where nothing was.
  TokenFit fit() const;

 private:
  static constexpr std::size_t terms = 3;  // bytes, parts, picture tokens

  std::uint64_t seen_ = 0;
  std::array<std::array<double, terms>, terms> products_{};  // sums, of each term with each
  std::array<double, terms> with_tokens_{};                  // of each term with the tokens
  std::array<double, terms> sums_{};
  double tokens_ = 0;
};

}  // namespace fovea
