// What the decoder takes by the size of its batch: prompts of text, and one token each of several answers.
//
// The second tells what drafts and parallel slots can gain, since both make larger steps of what were several
// small ones. One call uses an engine alone. Faults: those of the engine; cancelled.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/engine.h"
#include "profile/profile.h"

namespace fovea {

// Prompts of about so many tokens, each prefilled whole; those that do not fit the context are left out.
Result<std::vector<BatchTime>> measure_prefill(VisionLanguageEngine& engine, std::span<const std::uint32_t> tokens,
                                               const std::stop_token& stop);

// Steps that decode a token of each of so many answers, behind prompts of about `prompt_tokens`. Numbers that
// the engine has no slots or no context for are left out.
Result<std::vector<BatchTime>> measure_batches(VisionLanguageEngine& engine, std::span<const std::uint32_t> answers,
                                               std::uint32_t prompt_tokens, const std::stop_token& stop);

}  // namespace fovea
