#include "engine/llama/decode/answer_decoder.h"

#include <algorithm>
#include <utility>

#include "engine/llama/decode/token_text.h"
#include "engine/token_odds.h"

namespace fovea::llama {

AnswerDecoder::AnswerDecoder(const llama_vocab& vocab, Sampler sampler, std::vector<std::string> stop,
                             std::int32_t tokens_max, const TokenCallback& on_token, bool watches_probability,
                             std::vector<llama_token> shown)
    : vocab_(vocab),
      on_token_(on_token),
      tokens_max_(tokens_max),
      shown_(std::move(shown)),
      sampler_(std::move(sampler)),
      text_(std::move(stop)),
      watches_probability_(watches_probability) {}

bool AnswerDecoder::choose(std::span<const float> logits) {
  if (generation_.tokens >= tokens_max_) return false;
  token_ = sampler_.sample(logits);
  if (llama_vocab_is_eog(&vocab_, token_)) {
    generation_.finish_reason = FinishReason::stop;
    return false;
  }
  ++generation_.tokens;
  if (watches_probability_) log_probability_ += log_probability_of(logits, token_);
  const std::string_view certain = text_.push(token_text(&vocab_, token_, std::ranges::contains(shown_, token_)));
  if (on_token_) on_token_(Token{token_, logits}, certain);
  if (text_.stopped()) {
    generation_.finish_reason = FinishReason::stop;
    return false;
  }
  return generation_.tokens < tokens_max_;
}

Generation AnswerDecoder::finish() {
  const std::string_view rest = text_.finish();
  if (on_token_ && !rest.empty()) on_token_(Token{LLAMA_TOKEN_NULL, {}}, rest);
  generation_.text = text_.text();
  generation_.stop = text_.stopped_by();
  return generation_;
}

}  // namespace fovea::llama
