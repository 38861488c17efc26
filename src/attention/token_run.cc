#include "attention/token_run.h"

namespace fovea {

namespace {

bool has_its_grid(const TokenRun& run) {
  return !run.visual || static_cast<std::uint64_t>(run.columns) * run.rows == run.count;
}

}  // namespace

bool are_sound(std::span<const TokenRun> runs) {
  std::uint64_t next = 0;
  for (const TokenRun& run : runs) {
    if (run.first != next || run.count == 0 || !has_its_grid(run)) return false;
    next += run.count;
    if (next > positions_max) return false;
  }
  return true;
}

std::uint32_t token_count(std::span<const TokenRun> runs) {
  return runs.empty() ? 0 : runs.back().first + runs.back().count;
}

}  // namespace fovea
