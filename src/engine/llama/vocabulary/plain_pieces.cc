#include "engine/llama/vocabulary/plain_pieces.h"

#include <algorithm>
#include <cstdint>

namespace fovea::llama {

namespace {

// Of the first character, in bytes.
std::size_t first_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xC0) == 0x80) ++length;
  return length;
}

// Whether this token was found in `text` by its own text, and not made of its characters.
bool is_found(const llama_vocab& vocab, llama_token token, std::string_view text) {
  const int attributes = llama_vocab_get_attr(&vocab, token);
  if ((attributes & LLAMA_TOKEN_ATTR_CONTROL) != 0) return true;
  const std::string_view own = llama_vocab_get_text(&vocab, token);
  return (attributes & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0 && own.size() > first_length(own) && text.contains(own);
}

bool is_plain(const llama_vocab& vocab, std::string_view text) {
  std::vector<llama_token> tokens(text.size() + 8);  // a token has a byte at least; a blank may be added in front
  const std::int32_t count = llama_tokenize(&vocab, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                                            static_cast<std::int32_t>(tokens.size()), false, false);
  if (count < 0) return false;
  tokens.resize(static_cast<std::size_t>(count));
  return std::ranges::none_of(tokens, [&](llama_token token) { return is_found(vocab, token, text); });
}

}  // namespace

std::vector<std::string_view> plain_pieces(const llama_vocab& vocab, std::string_view text) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const std::size_t length = is_plain(vocab, text) ? text.size() : first_length(text);
    pieces.push_back(text.substr(0, length));
    text.remove_prefix(length);
  }
  return pieces;
}

}  // namespace fovea::llama
