// prefill_prompt: prefills a whole prompt in a slot, without a cached prefix and without keeping one: for
// programs that use an engine without a cache. Thread-safe, as the engine is.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/engine.h"

namespace fovea {

// An image and its tiles' embeddings in order, each float32 [tokens x width].
struct PromptImage {
  ImageSize size;
  std::vector<Blob> embeddings;
};

// A prompt that was prefilled, in a slot that uses the layout. Members are destroyed last to first, the slot
// first.
struct PrefilledPrompt {
  std::unique_ptr<PromptLayout> layout;
  std::unique_ptr<Slot> slot;
};

// Acquires a slot and prefills `prompt` with `images`.
// Faults: those of VisionLanguageEngine::lay_out and Slot::prefill.
Result<PrefilledPrompt> prefill_prompt(VisionLanguageEngine& engine, const Prompt& prompt,
                                       std::span<const PromptImage> images, AttentionSummary* summary = nullptr,
                                       std::stop_token stop = {});

}  // namespace fovea
