// check_same_vocabulary: whether the tokens of one model are the tokens of another, so that one can propose
// what the other says. A pure function; thread-safe.
#pragma once

#include <llama.h>

#include <filesystem>

#include "fovea/result.h"

namespace fovea::llama {

// A vocabulary and the file that it is from, which an error names.
struct NamedVocabulary {
  const llama_vocab& vocab;
  const std::filesystem::path& file;
};

// How many tokens more one of the two may have at its end. Models of one family are padded differently.
constexpr std::int32_t padding_tokens_max = 128;

// Accepts `draft` if it is of the same kind as `model` and has the same text for each token that both have.
// Faults: invalid, with both files and the first token that differs.
Result<void> check_same_vocabulary(const NamedVocabulary& model, const NamedVocabulary& draft);

}  // namespace fovea::llama
