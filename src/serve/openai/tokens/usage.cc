#include "serve/openai/tokens/usage.h"

namespace fovea::serve::json {

namespace {

std::int32_t cached_tokens(const Answer& answer) {
  return answer.report.response == Outcome::hit ? answer.prompt_tokens : answer.report.cached_tokens;
}

double quotient(double a, double b) { return b > 0 ? a / b : 0; }

}  // namespace

Usage usage_of(std::span<const FinishedAnswer> answers, std::size_t choices) {
  Usage usage{};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i].answer;
    usage.completion_tokens += answer.answer_tokens;
    const DraftCounts& predicted = answer.report.predicted;
    usage.completion_tokens_details.accepted_prediction_tokens += predicted.accepted;
    usage.completion_tokens_details.rejected_prediction_tokens += predicted.drafted - predicted.accepted;
    if (i % choices != 0) continue;
    usage.prompt_tokens += answer.prompt_tokens;
    usage.prompt_tokens_details.cached_tokens += cached_tokens(answer);
    usage.prompt_tokens_details.image_tokens += answer.image_tokens;
  }
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  return usage;
}

Timings timings_of(const Answer& answer) {
  constexpr double ms_in_second = 1000;
  const StageTimes& times = answer.report.times;
  const std::int32_t cached = cached_tokens(answer), read = answer.prompt_tokens - cached;
  const double prompt_ms = times.prefill_ms + times.encode_ms;
  return {.cache_n = cached,
          .prompt_n = read,
          .prompt_ms = prompt_ms,
          .prompt_per_token_ms = quotient(prompt_ms, read),
          .prompt_per_second = quotient(read * ms_in_second, prompt_ms),
          .predicted_n = answer.answer_tokens,
          .predicted_ms = times.generate_ms,
          .predicted_per_token_ms = quotient(times.generate_ms, answer.answer_tokens),
          .predicted_per_second = quotient(answer.answer_tokens * ms_in_second, times.generate_ms),
          .draft_n = answer.report.drafts.drafted,
          .draft_n_accepted = answer.report.drafts.accepted};
}

}  // namespace fovea::serve::json
