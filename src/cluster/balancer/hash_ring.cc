// HAProxy's documentation says what is here: a tree of points, of which the closest one counts, in either
// direction; 16 points for each unit of weight. With bounded load, the search goes on along the ring behind
// the node that has too much. The hashes are our own.
#include "cluster/balancer/hash_ring.h"

#include <algorithm>

#include "trace/mixed_bits.h"

namespace fovea {

namespace {

constexpr std::uint32_t points_of_weight = 16;

std::uint32_t hash_of(std::uint64_t point) { return static_cast<std::uint32_t>(point >> 32); }
std::uint32_t node_at(std::uint64_t point) { return static_cast<std::uint32_t>(point); }

}  // namespace

HashRing::HashRing(std::span<const std::uint32_t> weights) : nodes_(weights.size()) {
  for (std::uint32_t node = 0; node < weights.size(); ++node) {
    for (std::uint32_t i = 0; i < weights[node] * points_of_weight; ++i) {
      const std::uint64_t hash = mixed_bits((std::uint64_t{node + 1} << 32) | i) >> 32;
      points_.push_back((hash << 32) | node);
    }
  }
  std::ranges::sort(points_);
}

// Of the two neighbours of a hash the closer one, if their nodes are taken; the search goes on outwards in
// both directions where they are not.
std::size_t HashRing::nearest(std::uint32_t hash, const Takes& takes) const {
  const std::size_t count = points_.size();
  std::size_t after =
      static_cast<std::size_t>(std::ranges::lower_bound(points_, std::uint64_t{hash} << 32) - points_.begin());
  std::size_t before = after + count - 1;
  const auto seek = [&](std::size_t from, std::size_t step) {
    std::size_t at = from % count;
    for (std::size_t seen = 0; seen < count && !takes(node_at(points_[at])); ++seen) at = (at + step) % count;
    return at;
  };
  after = seek(after, 1);
  before = seek(before, count - 1);
  const std::uint32_t behind = hash_of(points_[after]) - hash, in_front = hash - hash_of(points_[before]);
  return in_front <= behind ? before : after;
}

std::optional<std::uint32_t> HashRing::node_of(std::uint64_t picture, const Takes& takes) const {
  bool any = false;
  for (std::uint32_t node = 0; node < nodes_ && !any; ++node) any = takes(node);
  if (!any) return std::nullopt;
  return node_at(points_[nearest(static_cast<std::uint32_t>(mixed_bits(picture)), takes)]);
}

}  // namespace fovea
