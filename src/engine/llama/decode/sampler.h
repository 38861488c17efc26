// Sampler: chooses each token of one answer as GenerateOptions ask, on llama.cpp's samplers.
//
// First the logits are shaped (biases, penalties). Then tokens that do not fit the answer's grammar are
// removed. Then one is chosen: the likeliest, or by top_k, top_p, min_p, temperature and a seeded draw, in
// llama.cpp's own order. Used by one thread at a time; borrows the vocabulary.
#pragma once

#include <llama.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/owned.h"
#include "engine/engine.h"
#include "engine/llama/grammar/first_bytes.h"
#include "fovea/result.h"

namespace fovea::llama {

class Sampler {
 public:
  // A sampler for an answer of at most `tokens_max` tokens, whose tool calls are written in this form.
  // Faults: those of VisionLanguageEngine::accepts; internal where the library refuses the grammar.
  static Result<Sampler> make(const llama_vocab& vocab, const GenerateOptions& options, std::int32_t tokens_max,
                              ToolFormat tool_format = ToolFormat::generic);

  // The next token of the answer. Throws what the library throws, and when no token can be chosen.
  // REQUIRES: an AbortGuard.
  llama_token sample(std::span<const float> logits);

 private:
  using Handle = Owned<llama_sampler, llama_sampler_free>;

  Sampler(const llama_vocab& vocab, const GenerateOptions& options, std::int32_t tokens_max, ToolFormat tool_format);
  Result<void> keep_to(const std::string& grammar);
  void add_biases(const GenerateOptions& options);
  bool is_unseen(llama_token token) const;
  bool fits(llama_token token);
  void leave_fitting(llama_token_data_array& candidates);
  llama_token choose(std::span<const float> logits, bool fitting);

  const llama_vocab* vocab_;
  bool greedy_;                                 // the likeliest token is chosen
  const std::vector<llama_token> call_tokens_;  // control tokens that are text of this answer
  llama_token end_ = LLAMA_TOKEN_NULL;          // one that ends an answer
  Handle shape_;                                // biases and penalties in order; may be empty
  Handle grammar_;                              // null where any text fits
  Handle choose_;                               // filters, temperature and the choice, in order
  std::vector<llama_token_data> candidates_;
  std::optional<FirstBytes> first_bytes_;  // built when it is first needed
};

}  // namespace fovea::llama
