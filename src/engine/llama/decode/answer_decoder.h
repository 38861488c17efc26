// AnswerDecoder: one answer that is being decoded. It chooses each token from the decoder's logits, turns
// tokens into text, and knows when to end. Used on the engine's thread only.
#pragma once

#include <llama.h>

#include <span>
#include <string>
#include <vector>

#include "engine/answer_text.h"
#include "engine/engine.h"
#include "engine/llama/decode/sampler.h"

namespace fovea::llama {

class AnswerDecoder {
 public:
  // An answer of at most `tokens_max` tokens. `shown` are control tokens whose text is part of it; others
  // have none. Borrows `on_token` and the vocabulary.
  AnswerDecoder(const llama_vocab& vocab, Sampler sampler, std::vector<std::string> stop, std::int32_t tokens_max,
                const TokenCallback& on_token, bool watches_probability, std::vector<llama_token> shown = {});

  // Chooses the next token; false when the answer ends, with this token or before it.
  bool choose(std::span<const float> logits);

  // The token that goes into the decoder next. REQUIRES: choose() was true.
  llama_token token() const { return token_; }
  std::int32_t tokens() const { return generation_.tokens; }
  std::int32_t tokens_left() const { return tokens_max_ - generation_.tokens; }
  // The natural logarithms of the probabilities of all tokens so far, each given what came before, summed; 0
  // unless `watches_probability`.
  double log_probability() const { return log_probability_; }

  // The finished answer. Releases the text that was held back.
  Generation finish();

 private:
  const llama_vocab& vocab_;
  const TokenCallback& on_token_;
  const std::int32_t tokens_max_;
  const std::vector<llama_token> shown_;
  Sampler sampler_;
  AnswerText text_;
  Generation generation_{.finish_reason = FinishReason::length};
  llama_token token_ = LLAMA_TOKEN_NULL;
  const bool watches_probability_;
  double log_probability_ = 0;
};

}  // namespace fovea::llama
