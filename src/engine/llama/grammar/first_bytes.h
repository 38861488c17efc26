// FirstBytes: the first byte of each token of a vocabulary. A grammar need not check tokens whose first byte
// it refuses, which are mostly nearly all. Borrows nothing; immutable; thread-safe.
#pragma once

#include <llama.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace fovea::llama {

class FirstBytes {
 public:
  // `shown`: control tokens that have a text nonetheless.
  explicit FirstBytes(const llama_vocab& vocab, std::span<const llama_token> shown = {});

  // The tokens that `grammar`, a sampler, may accept next. No token that it accepts is missing.
  std::vector<bool> possible(llama_sampler& grammar) const;

 private:
  // A token has its first byte, or one of these.
  static constexpr std::uint16_t no_text = 256;
  static constexpr std::uint16_t ends_answer = 257;

  std::vector<std::uint16_t> of_;
  std::array<llama_token, 256> alone_;  // by byte: the token of this byte alone, or LLAMA_TOKEN_NULL
};

}  // namespace fovea::llama
