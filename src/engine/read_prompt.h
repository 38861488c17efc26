// read_prompt: reads a whole prompt in a seat, with nothing kept or found: for programs that want an engine without a
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

// A prompt that was read. The seat goes before the layout that it reads.
struct ReadPrompt {
  std::unique_ptr<PromptLayout> layout;
  std::unique_ptr<Seat> seat;
};

// Faults: those of VisionLanguageEngine::lay_out and Seat::read.
Result<ReadPrompt> read_prompt(VisionLanguageEngine& engine, const Prompt& prompt, std::span<const PromptImage> images,
                               Gaze* gaze = nullptr, std::stop_token stop = {});

}  // namespace fovea
