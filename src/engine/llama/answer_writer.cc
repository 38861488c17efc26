#include "engine/llama/answer_writer.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "engine/llama/token_text.h"

namespace fovea::llama {

namespace {

// The natural logarithm of the probability of `token` among `logits`.
double log_probability_of(llama_token token, std::span<const float> logits) {
  const float highest = *std::ranges::max_element(logits);
  constexpr float negligible = -16;  // e^-16 each: 128,000 of them change the sum by less than 2 %
  double sum = 0;
  for (const float logit : logits) {
    if (logit - highest > negligible) sum += std::exp(logit - highest);
  }
  return static_cast<double>(logits[static_cast<std::size_t>(token)] - highest) - std::log(sum);
}

}  // namespace

AnswerWriter::AnswerWriter(const llama_vocab& vocab, const GenerateOptions& options, std::int32_t tokens_max,
                           const TokenCallback& on_token, bool watches_probability)
    : vocab_(vocab),
      on_token_(on_token),
      tokens_max_(tokens_max),
      sampler_(make_sampler(options)),
      text_(options.stop),
      watches_probability_(watches_probability) {}

bool AnswerWriter::choose(std::span<const float> logits) {
  if (generation_.tokens >= tokens_max_) return false;
  token_ = sample(logits);
  if (llama_vocab_is_eog(&vocab_, token_)) {
    generation_.finish_reason = FinishReason::stop;
    return false;
  }
  ++generation_.tokens;
  if (watches_probability_) log_probability_ += log_probability_of(token_, logits);
  const std::string_view certain = text_.push(token_text(&vocab_, token_, false));
  if (on_token_) on_token_(Token{token_, logits}, certain);
  if (text_.stopped()) {
    generation_.finish_reason = FinishReason::stop;
    return false;
  }
  return generation_.tokens < tokens_max_;
}

llama_token AnswerWriter::sample(std::span<const float> logits) {
  candidates_.resize(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates_[i] = {static_cast<llama_token>(i), logits[i], 0};
  llama_token_data_array candidates{candidates_.data(), candidates_.size(), -1, false};
  llama_sampler_apply(sampler_.get(), &candidates);
  if (candidates.selected < 0 || static_cast<std::size_t>(candidates.selected) >= candidates.size)
    throw std::runtime_error("no token can be chosen");
  const llama_token chosen = candidates.data[candidates.selected].id;
  llama_sampler_accept(sampler_.get(), chosen);
  return chosen;
}

Generation AnswerWriter::finish() {
  const std::string_view rest = text_.finish();
  if (on_token_ && !rest.empty()) on_token_(Token{LLAMA_TOKEN_NULL, {}}, rest);
  generation_.text = text_.text();
  return generation_;
}

}  // namespace fovea::llama
