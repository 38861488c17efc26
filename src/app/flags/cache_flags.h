// The flags that say how much each level may hold and who leaves it, shared by every verb that keeps a cache.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "pipeline/pipeline.h"

namespace fovea::app {

struct CacheFlags {
  std::string embedding_cache = "10GiB";
  std::string prefix_cache = "4GiB";
  std::string response_cache = "1GiB";
  std::string cache_size;
  std::string policy{to_string(default_policy)};
};

void add_cache_flags(CLI::App& verb, CacheFlags& flags);

// Faults: invalid, with the flag's name before the sentence.
Result<PipelineOptions> pipeline_options(const CacheFlags& flags);

}  // namespace fovea::app
