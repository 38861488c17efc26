// TokenFit: tokens of prompts from what a log says of them, as its own usage shows; without usage, by a rule
// of thumb.
//
// TokenFitter learns tokens = per_byte x bytes + per_part x parts + picture tokens by least squares over all
// requests with usage. Not thread-safe.
#pragma once

#include <cstdint>

#include "audit/prompts/prompt_size.h"

namespace fovea {

struct TokenFit {
  double per_byte = 0.25;  // English has about four bytes a token in the vocabularies of current models
  double per_part = 4;     // what chat templates put around a message: its role, its begin and its end

  double tokens(const PromptSize& size) const {
    return per_byte * size.bytes + per_part * size.parts + size.picture_tokens;
  }
};

class TokenFitter {
 public:
  void see(const PromptSize& size, double prompt_tokens);
  std::uint64_t seen() const { return seen_; }
  // What was learnt; the rule of thumb where nothing was.
  TokenFit fit() const;

 private:
  std::uint64_t seen_ = 0;
  double bytes2_ = 0, bytes_parts_ = 0, parts2_ = 0, bytes_tokens_ = 0, parts_tokens_ = 0, bytes_ = 0, tokens_ = 0;
};

}  // namespace fovea
