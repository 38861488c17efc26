#include "engine/llama/vocabulary/call_token_ids.h"

#include <array>
#include <string_view>

namespace fovea::llama {

std::vector<llama_token> call_token_ids(const llama_vocab& vocab, ToolFormat format) {
  std::vector<llama_token> ids;
  for (const std::string_view text : call_tokens(format)) {
    std::array<llama_token, 2> tokens{};  // what is more than one is not wanted
    const std::int32_t count = llama_tokenize(&vocab, text.data(), static_cast<std::int32_t>(text.size()),
                                              tokens.data(), static_cast<std::int32_t>(tokens.size()), false, true);
    if (count == 1 && (llama_vocab_get_attr(&vocab, tokens[0]) & LLAMA_TOKEN_ATTR_CONTROL) != 0)
      ids.push_back(tokens[0]);
  }
  return ids;
}

}  // namespace fovea::llama
