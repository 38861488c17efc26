#include "audit/prompts/look_index.h"

#include <bit>
#include <cmath>

namespace fovea {

namespace {

// A blank page, a black frame: their looks say nothing.
constexpr int telling_bits_min = 8;
bool tells(std::uint64_t bits) {
  const int set = std::popcount(bits);
  return set >= telling_bits_min && set <= 64 - telling_bits_min;
}

// Resized copies keep their shape, up to rounding.
constexpr double shape_within = 0.03;
bool same_shape(const LookIndex::Look& one, const LookIndex::Look& other) {
  const double a = double{1} * one.width * other.height, b = double{1} * other.width * one.height;
  return a > 0 && b > 0 && std::abs(a - b) <= shape_within * a;
}

}  // namespace

std::optional<LookIndex::Look> LookIndex::find(const Look& look) const {
  std::optional<Look> nearest;
  if (newest_.empty() || !tells(look.bits)) return nearest;
  int fewest = differing_bits_max + 1;
  for (int band = 0; band < bands; ++band) {
    std::uint32_t at = newest_[band_of(look.bits, band)];
    for (std::uint32_t steps = 0; at != 0 && steps < chain_max; ++steps) {
      const Entry& entry = entries_[at - 1];
      const int differing = std::popcount(entry.look.bits ^ look.bits);
      if (differing < fewest && same_shape(entry.look, look)) {
        fewest = differing;
        nearest = entry.look;
      }
      at = entry.next[static_cast<std::size_t>(band)];
    }
  }
  return nearest;
}

void LookIndex::add(const Look& look) {
  if (entries_.size() >= looks_max || !tells(look.bits)) return;
  if (newest_.empty()) newest_.resize(std::size_t{bands} << band_bits);
  Entry& entry = entries_.emplace_back(Entry{.look = look, .next = {}});
  for (int band = 0; band < bands; ++band) {
    std::uint32_t& newest = newest_[band_of(look.bits, band)];
    entry.next[static_cast<std::size_t>(band)] = newest;
    newest = static_cast<std::uint32_t>(entries_.size());
  }
}

}  // namespace fovea
