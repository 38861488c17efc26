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
    if (!answer.report.frames) continue;
    auto& approximate_tokens = usage.prompt_tokens_details.approximate_tokens;
    approximate_tokens = approximate_tokens.value_or(0) + answer.report.frames->approximate_tokens;
  }
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
  return usage;
}

Timings timings_of(std::span<const FinishedAnswer> answers) {
  constexpr double ms_in_second = 1000;
  Timings sum{};
  for (const FinishedAnswer& finished : answers) {
    const Answer& answer = finished.answer;
    const StageTimes& times = answer.report.times;
    sum.cache_n += cached_tokens(answer);
    sum.prompt_n += answer.prompt_tokens - cached_tokens(answer);
    sum.prompt_ms += times.prefill_ms + times.encode_ms;
    sum.predicted_n += answer.answer_tokens;
    sum.predicted_ms += times.generate_ms;
    sum.draft_n += answer.report.drafts.drafted;
    sum.draft_n_accepted += answer.report.drafts.accepted;
  }
  sum.prompt_per_token_ms = quotient(sum.prompt_ms, sum.prompt_n);
  sum.prompt_per_second = quotient(sum.prompt_n * ms_in_second, sum.prompt_ms);
  sum.predicted_per_token_ms = quotient(sum.predicted_ms, sum.predicted_n);
  sum.predicted_per_second = quotient(sum.predicted_n * ms_in_second, sum.predicted_ms);
  return sum;
}

}  // namespace fovea::serve::json
