// Usage and Timings: what answers took, in tokens as OpenAI counts them and in time as llama-server tells it.
// Plain values, written with json_text; pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "serve/openai/reply_form.h"

namespace fovea::serve::json {

struct PromptTokens {
  std::int32_t cached_tokens, image_tokens, audio_tokens = 0;
  // Of the tiles that were taken for those of earlier frames; absent where near frames are off.
  std::optional<std::int32_t> approximate_tokens;
};

struct CompletionTokens {
  std::int32_t reasoning_tokens = 0, audio_tokens = 0, accepted_prediction_tokens = 0, rejected_prediction_tokens = 0;
};

struct Usage {
  std::int32_t prompt_tokens, completion_tokens, total_tokens;
  PromptTokens prompt_tokens_details;
  CompletionTokens completion_tokens_details = {};
};

struct Timings {
  std::int32_t cache_n, prompt_n;  // tokens of the prompt: cached, and read
  double prompt_ms, prompt_per_token_ms, prompt_per_second;
  std::int32_t predicted_n;
  double predicted_ms, predicted_per_token_ms, predicted_per_second;
  std::int32_t draft_n, draft_n_accepted;  // tokens of the answer that were drafted, and how many were right
};

// Of the choices of one or more prompts, `choices` of each, in their order: a prompt counts once. Of a stored
// answer the whole prompt is cached.
Usage usage_of(std::span<const FinishedAnswer> answers, std::size_t choices);

// Of the choices together, which were computed one after another; of a stored one nothing was.
Timings timings_of(std::span<const FinishedAnswer> answers);

}  // namespace fovea::serve::json
