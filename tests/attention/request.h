// Requests for properties: sound runs of text and of several tiles of several pictures.
#pragma once

#include <rapidcheck.h>

#include <vector>

#include "attention/token_run.h"

namespace fovea {

// None to seven runs; call it inside a property.
inline std::vector<TokenRun> random_runs() {
  std::vector<TokenRun> runs;
  std::uint32_t next = 0;
  const auto count = *rc::gen::inRange<std::uint32_t>(0, 8);
  for (std::uint32_t at = 0; at < count; ++at) {
    TokenRun run{.first = next, .visual = *rc::gen::arbitrary<bool>()};
    if (run.visual) {
      run.image = at / 3;
      run.tile = at % 3;
      run.columns = *rc::gen::inRange<std::uint32_t>(1, 9);
      run.rows = *rc::gen::inRange<std::uint32_t>(1, 9);
    }
    run.count = run.visual ? run.columns * run.rows : *rc::gen::inRange<std::uint32_t>(1, 12);
    next += run.count;
    runs.push_back(run);
  }
  return runs;
}

}  // namespace fovea
