// Dice and Urn: what recipes draw from, the same on every machine. Not thread-safe; an Urn that does not
// change may be shared.
//
// Every choice draws from one std::mt19937_64, whose sequence the standard fixes, and through functions
// written here, because the standard's distributions differ between libraries.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace fovea {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : bits_(seed) {}
  double unit() { return static_cast<double>(bits_() >> 11) * 0x1p-53; }  // [0, 1)
  bool chance(double share) { return share > 0 && unit() < share; }
  std::uint32_t below(std::uint64_t n) { return static_cast<std::uint32_t>(unit() * static_cast<double>(n)); }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  std::mt19937_64 bits_;
};

// Draws an index with chances proportional to `weights`.
class Urn {
 public:
  explicit Urn(std::vector<double> weights) : sums_(std::move(weights)) {
    std::partial_sum(sums_.begin(), sums_.end(), sums_.begin());
  }
  std::uint32_t draw(Dice& dice) const {
    const auto at = std::ranges::upper_bound(sums_, dice.unit() * sums_.back());
    return static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(at - sums_.begin(), std::ssize(sums_) - 1));
  }

 private:
  std::vector<double> sums_;
};

}  // namespace fovea
