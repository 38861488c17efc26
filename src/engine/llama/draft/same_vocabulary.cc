#include "engine/llama/draft/same_vocabulary.h"

#include <algorithm>
#include <cstdlib>
#include <format>
#include <string>
#include <string_view>

namespace fovea::llama {

namespace {

constexpr std::size_t shown_bytes_max = 40;  // of a token's text in an error

std::string_view text_of(const llama_vocab& vocab, llama_token token) {
  const char* text = llama_vocab_get_text(&vocab, token);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::unexpected<Error> refusal(const NamedVocabulary& model, const NamedVocabulary& draft, std::string_view why) {
  return fail(Fault::invalid, std::format("'{}' cannot draft for '{}': {}; give a smaller model of the same family, "
                                          "with the same vocabulary",
                                          draft.file.string(), model.file.string(), why));
}

}  // namespace

Result<void> check_same_vocabulary(const NamedVocabulary& model, const NamedVocabulary& draft) {
  if (llama_vocab_type(&model.vocab) != llama_vocab_type(&draft.vocab))
    return refusal(model, draft, "their tokenizers are of different kinds");
  const std::int32_t tokens = llama_vocab_n_tokens(&model.vocab), drafts = llama_vocab_n_tokens(&draft.vocab);
  for (llama_token token = 0; token < std::min(tokens, drafts); ++token) {
    const std::string_view wanted = text_of(model.vocab, token), found = text_of(draft.vocab, token);
    if (wanted == found) continue;
    return refusal(model, draft,
                   std::format("token {} is {:?} in the one and {:?} in the other", token,
                               found.substr(0, shown_bytes_max), wanted.substr(0, shown_bytes_max)));
  }
  if (std::abs(tokens - drafts) <= padding_tokens_max) return {};
  return refusal(model, draft,
                 std::format("token {} is in one of them only, which have {} and {} tokens", std::min(tokens, drafts),
                             drafts, tokens));
}

}  // namespace fovea::llama
