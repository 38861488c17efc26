// plain_pieces: text that a tokenizer takes for plain characters, whatever tokens it knows. Pure;
// thread-safe.
#pragma once

#include <llama.h>

#include <string_view>
#include <vector>

namespace fovea::llama {

// `text` in pieces, none of them empty, that have no control token when each is tokenized on its own without
// control tokens. Some vocabularies have tokens that are found all the same; the pieces divide them.
std::vector<std::string_view> plain_pieces(const llama_vocab& vocab, std::string_view text);

}  // namespace fovea::llama
