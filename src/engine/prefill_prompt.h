// prefill_prompt: reads a whole prompt in a slot, with nothing kept or found: for programs that want an engine without a
// cache.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/engine.h"

namespace fovea {

// A picture and its tiles' embeddings in order, each float32 [tokens x width].
struct PromptImage {
  ImageSize size;
  std::vector<Blob> embeddings;
};

// A prompt that was read. The slot goes before the layout that it reads.
struct PrefilledPrompt {
  std::unique_ptr<PromptLayout> layout;
  std::unique_ptr<Slot> slot;
};

// Faults: those of VisionLanguageEngine::lay_out and Slot::read.
Result<PrefilledPrompt> prefill_prompt(VisionLanguageEngine& engine, const Prompt& prompt,
                                       std::span<const PromptImage> images, AttentionSummary* summary = nullptr,
                                       std::stop_token stop = {});

}  // namespace fovea
