// The flags that set the size of each level and the eviction policy, shared by every verb with a cache.
#pragma once

#include <string>

#include "pipeline/pipeline.h"

namespace CLI {
class App;
}

namespace fovea::app {

struct CacheFlags {
  std::string embedding_cache = "10GiB";
  std::string prefix_cache = "4GiB";
  std::string response_cache = "1GiB";
  std::string cache_size;
  std::string policy{to_string(default_policy)};
};

// Adds the flags to `verb`. `flags` must outlive its parsing.
void add_cache_flags(CLI::App& verb, CacheFlags& flags);

// The names of all policies as CLI11 shows the choices of a flag: "{lru,...}". `before` comes first, if it is
// given.
std::string policy_choices(const std::string& before = "");

// What the flags say, read. Faults: invalid, with the flag's name before the sentence.
Result<PipelineOptions> pipeline_options(const CacheFlags& flags);

}  // namespace fovea::app
