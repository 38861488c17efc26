// FirstBytes: by which byte each token of a vocabulary begins, so that a grammar need not look at tokens whose first
// byte it refuses: mostly nearly all. Borrows nothing; immutable.
#pragma once

#include <llama.h>

#include <array>
#include <cstdint>
#include <vector>

namespace fovea::llama {

class FirstBytes {
 public:
  explicit FirstBytes(const llama_vocab& vocab);

  // The tokens that `grammar`, a sampler, might let follow: among them are all that it does.
  std::vector<bool> possible(llama_sampler& grammar) const;

 private:
  // Of a token: its first byte, or one of these.
  static constexpr std::uint16_t no_text = 256;
  static constexpr std::uint16_t ends_answer = 257;

  std::vector<std::uint16_t> of_;
  std::array<llama_token, 256> alone_;  // the token that is just this byte, or LLAMA_TOKEN_NULL
};

}  // namespace fovea::llama
