#include "engine/llama/sampler.h"

#include <algorithm>

namespace fovea::llama {

Sampler make_sampler(const GenerateOptions& options) {
  llama_sampler_chain_params params = llama_sampler_chain_default_params();
  Sampler chain(llama_sampler_chain_init(params));
  if (options.temperature == 0) {
    llama_sampler_chain_add(chain.get(), llama_sampler_init_greedy());
    return chain;
  }
  constexpr std::size_t keep_min = 1;  // a filter leaves at least this many candidates
  if (options.top_k > 0) llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(options.top_k));
  if (options.top_p < 1)
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(options.top_p), keep_min));
  if (options.min_p > 0)
    llama_sampler_chain_add(chain.get(), llama_sampler_init_min_p(static_cast<float>(options.min_p), keep_min));
  llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(options.temperature)));
  // llama.cpp draws a random seed when it sees LLAMA_DEFAULT_SEED, so a request for that very number gets its
  // neighbour.
  const std::uint32_t seed = options.seed ? std::min(*options.seed, LLAMA_DEFAULT_SEED - 1) : LLAMA_DEFAULT_SEED;
  llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(seed));
  return chain;
}

}  // namespace fovea::llama
