#include "engine/llama/decode/token_text.h"

#include <algorithm>
#include <cstdint>

namespace fovea::llama {

std::string token_text(const llama_vocab* vocab, llama_token token, bool special) {
  std::string piece(64, '\0');  // longer than most tokens; a longer one is asked for again with its size
  std::int32_t length =
      llama_token_to_piece(vocab, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, special);
  if (length < 0) {
    piece.resize(static_cast<std::size_t>(-length));
    length = llama_token_to_piece(vocab, token, piece.data(), static_cast<std::int32_t>(piece.size()), 0, special);
  }
  piece.resize(static_cast<std::size_t>(std::max(length, 0)));
  return piece;
}

}  // namespace fovea::llama
