// The replies of PromptsHandler as JSON. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "pipeline/laid_out.h"

namespace fovea::serve {

// What stands in each place of an image's tokens, which have no numbers.
inline constexpr std::int32_t image_token = 0;

// A prompt's tokens; nullopt in each place of an image's.
using PromptTokens = std::vector<std::optional<std::int32_t>>;
PromptTokens tokens_of(const PromptLayout& layout);

// How the tokens' texts are told.
struct TokenTexts {
  bool pieces = false;   // llama-server's: beside each token
  bool strings = false;  // vLLM's: a list of its own
};

// {"tokens": [...]}, with vLLM's count and max_model_len. An image's tokens have no text.
std::string tokens_json(const VisionLanguageEngine& engine, const PromptTokens& tokens, TokenTexts texts);

// {"token_ids", "features"}: the tokens; the images by their keys, and where they stand.
std::string render_json(const LaidOut& laid_out, const GenerateOptions& options, std::string_view model);

}  // namespace fovea::serve
