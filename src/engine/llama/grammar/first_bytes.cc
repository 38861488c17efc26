#include "engine/llama/grammar/first_bytes.h"

#include <algorithm>
#include <bitset>

#include "engine/llama/decode/token_text.h"

namespace fovea::llama {

FirstBytes::FirstBytes(const llama_vocab& vocab, std::span<const llama_token> shown)
    : of_(static_cast<std::size_t>(llama_vocab_n_tokens(&vocab))) {
  alone_.fill(LLAMA_TOKEN_NULL);
  for (std::size_t i = 0; i < of_.size(); ++i) {
    const auto token = static_cast<llama_token>(i);
    const std::string text = token_text(&vocab, token, std::ranges::contains(shown, token));
    of_[i] = text.empty() ? no_text : static_cast<unsigned char>(text.front());
    if (text.size() == 1) alone_[of_[i]] = token;
    if (llama_vocab_is_eog(&vocab, token)) of_[i] = ends_answer;
  }
}

std::vector<bool> FirstBytes::possible(llama_sampler& grammar) const {
  std::vector<llama_token_data> bytes;
  for (const llama_token token : alone_) {
    if (token != LLAMA_TOKEN_NULL) bytes.push_back({token, 0, 0});
  }
  llama_token_data_array candidates{bytes.data(), bytes.size(), -1, false};
  llama_sampler_apply(&grammar, &candidates);
  std::bitset<258> possible;
  possible.set().reset(no_text);
  for (const llama_token_data& byte : bytes) possible.set(of_[static_cast<std::size_t>(byte.id)], byte.logit == 0);
  std::vector<bool> tokens(of_.size());
  for (std::size_t i = 0; i < of_.size(); ++i) tokens[i] = possible.test(of_[i]);
  return tokens;
}

}  // namespace fovea::llama
