// The replies of PromptsHandler as JSON. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "pipeline/laid_out.h"

namespace fovea::serve {

// {"tokens": [...]}, with each token's text where `pieces`. Also vLLM's fields: count and max_model_len.
std::string tokens_json(const VisionLanguageEngine& engine, std::span<const std::int32_t> tokens, bool pieces);

// {"token_ids", "features"}: the tokens, with `image_token` in each place of an image's; the images by their
// keys, and where they stand.
inline constexpr std::int32_t image_token = 0;
std::string render_json(const LaidOut& laid_out, const GenerateOptions& options, std::string_view model);

}  // namespace fovea::serve
