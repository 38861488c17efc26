#include "cache/policy/ghost_ids.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace fovea {

namespace {

constexpr std::size_t cells_min = 64;

}  // namespace

void GhostIds::remember(std::uint64_t id, std::uint64_t window) {
  if ((used_ + 1) * 4 > cells_.size() * 3) rebuild();
  Cell& cell = cell_of(id);
  if (cell.number == never_used) ++used_;
  cell = {.id = id, .number = next_++};
  const std::uint64_t kept = std::min(window, remembered_max);
  if (next_ > kept) oldest_ = std::max(oldest_, next_ - kept);
}

bool GhostIds::recall(std::uint64_t id) {
  if (cells_.empty()) return false;
  Cell& cell = cell_of(id);
  if (!is_remembered(cell)) return false;
  cell.number = recalled;
  return true;
}

// The cell of `id`, or the unused cell where it belongs. A table is at most three quarters full, so there is
// one.
GhostIds::Cell& GhostIds::cell_of(std::uint64_t id) {
  std::size_t at = id & (cells_.size() - 1);
  while (cells_[at].number != never_used && cells_[at].id != id) at = (at + 1) & (cells_.size() - 1);
  return cells_[at];
}

void GhostIds::rebuild() {
  std::vector<Cell> old = std::exchange(cells_, {});
  std::erase_if(old, [&](const Cell& cell) { return !is_remembered(cell); });
  cells_.resize(std::max(cells_min, std::bit_ceil(2 * (old.size() + 1))));
  used_ = old.size();
  for (const Cell& cell : old) cell_of(cell.id) = cell;
}

}  // namespace fovea
