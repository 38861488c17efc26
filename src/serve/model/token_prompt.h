// prompt_of_tokens: a prompt that a client sends as the numbers of its tokens. A pure function over an
// engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/engine.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// The text that the engine reads as exactly these tokens; what the engine puts around every prompt is taken
// off. `where` names the field in refusals. Refused: numbers that are no tokens, and tokens that the model's
// tokenizer would not make of their own text.
Parsed<std::string> prompt_of_tokens(const VisionLanguageEngine& engine, std::span<const std::int32_t> tokens,
                                     const std::string& where);

}  // namespace fovea::serve
