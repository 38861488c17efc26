// What HAProxy does: a node has 16 points for each unit of its weight. A point is 4096 times the node's id
// and the point's number, mixed. A text is hashed by sdbm (Ozan Yigit's), and mixed too, since the file names
// no function. Of the points on both sides the closer one counts, the one before where both are as near. From
// there the search goes forward alone.
//
// tests/deploy/haproxy_ring_test.py asks a real HAProxy.
#include "cluster/balancer/hash_ring.h"

#include <algorithm>

namespace fovea {

namespace {

constexpr std::uint32_t points_of_weight = 16;
constexpr std::uint32_t points_max = 4096;  // of a node: 16 times the largest weight

std::uint32_t hash_of(std::uint64_t point) { return static_cast<std::uint32_t>(point >> 32); }
std::uint32_t node_at(std::uint64_t point) { return static_cast<std::uint32_t>(point); }

// Bob Jenkins' integer hash of six shifts, and a prime of three quarters of the range.
std::uint32_t mixed(std::uint32_t number) {
  number = (number + 0x7ed55d16U) + (number << 12U);
  number = (number ^ 0xc761c23cU) ^ (number >> 19U);
  number = (number + 0x165667b1U) + (number << 5U);
  number = (number + 0xd3a2646cU) ^ (number << 9U);
  number = (number + 0xfd7046c5U) + (number << 3U);
  number = (number ^ 0xb55a4f09U) ^ (number >> 16U);
  return number * 3'221'225'473U;
}

std::uint32_t sdbm(std::string_view text) {
  std::uint32_t hash = 0;
  for (const char c : text) hash = static_cast<unsigned char>(c) + (hash * 65'599U);
  return hash;
}

}  // namespace

HashRing::HashRing(std::span<const std::uint32_t> weights) : nodes_(weights.size()) {
  for (std::uint32_t node = 0; node < weights.size(); ++node) {
    for (std::uint32_t i = 0; i < weights[node] * points_of_weight; ++i)
      points_.push_back((std::uint64_t{mixed((node + 1) * points_max + i)} << 32) | node);
  }
  std::ranges::sort(points_);
}

// The first point at or behind `from` whose node is up. REQUIRES: one is.
std::size_t HashRing::next_up(std::size_t from, std::size_t step, const Says& is_up) const {
  std::size_t at = from % points_.size();
  while (!is_up(node_at(points_[at]))) at = (at + step) % points_.size();
  return at;
}

std::size_t HashRing::nearest(std::uint32_t hash, const Says& is_up) const {
  const std::size_t count = points_.size();
  const auto behind =
      static_cast<std::size_t>(std::ranges::lower_bound(points_, std::uint64_t{hash} << 32) - points_.begin());
  const std::size_t after = next_up(behind, 1, is_up), before = next_up(behind + count - 1, count - 1, is_up);
  return hash - hash_of(points_[before]) <= hash_of(points_[after]) - hash ? before : after;
}

std::optional<std::uint32_t> HashRing::node_of(std::string_view text, const Says& is_up, const Says& takes) const {
  bool any = false;
  for (std::uint32_t node = 0; node < nodes_ && !any; ++node) any = is_up(node) && takes(node);
  if (!any) return std::nullopt;
  std::size_t at = nearest(mixed(sdbm(text)), is_up);
  while (!takes(node_at(points_[at]))) at = next_up(at + 1, 1, is_up);
  return node_at(points_[at]);
}

}  // namespace fovea
