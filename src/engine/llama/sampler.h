// The chain of llama.cpp samplers that chooses each token as GenerateOptions ask.
#pragma once

#include <llama.h>

#include "base/owned.h"
#include "engine/engine.h"

namespace fovea::llama {

using Sampler = Owned<llama_sampler, llama_sampler_free>;

// Greedy for temperature 0; otherwise top_k, top_p, min_p, temperature and a seeded draw, in llama.cpp's own order.
Sampler make_sampler(const GenerateOptions& options);

}  // namespace fovea::llama
