// The part `kernels` of encode_bench: one model pair opened with each choice of kernels. All encode the same
// tiles and prefill the same long prompts, in turns.
#pragma once

#include <functional>

#include "image/decoded_image.h"
#include "model_run.h"

namespace fovea::bench {

// Prints, for each choice of kernels, the median times, their ratio to ggml's of the same round, and how far
// embeddings and logits are from float32's. `picture`: one of its own for each number.
void compare_kernels(const ModelRun& run, const std::function<DecodedImage(int)>& picture);

}  // namespace fovea::bench
