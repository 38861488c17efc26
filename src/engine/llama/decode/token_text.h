// token_text: the text of a token. Pure; thread-safe.
#pragma once

#include <llama.h>

#include <string>

namespace fovea::llama {

// The token's bytes, which need not be whole characters. A special token has none unless `special`.
std::string token_text(const llama_vocab* vocab, llama_token token, bool special);

}  // namespace fovea::llama
