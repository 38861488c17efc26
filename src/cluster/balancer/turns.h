// Turns: nodes one after another, each as often as its weight says. Ties go to the one with the lower number.
// Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

namespace fovea {

class Turns {
 public:
  // Nodes are numbered as `weights`, each above 0.
  explicit Turns(std::span<const std::uint32_t> weights) {
    for (std::uint32_t node = 0; node < weights.size(); ++node) {
      step_.push_back(1.0 / weights[node]);
      order_.emplace(step_.back(), node);
    }
  }

  // The next one of those that `takes` says yes to. Those that it does not keep their turns.
  std::optional<std::uint32_t> next(const std::function<bool(std::uint32_t node)>& takes) {
    for (auto turn = order_.begin(); turn != order_.end(); ++turn) {
      if (!takes(turn->second)) continue;
      const auto [at, node] = *turn;
      // One that was away for long has no more than one turn to make up for.
      now_ = std::max(now_, at);
      order_.erase(turn);
      order_.emplace(now_ + step_[node], node);
      return node;
    }
    return std::nullopt;
  }

 private:
  std::vector<double> step_;
  std::set<std::pair<double, std::uint32_t>> order_;  // when each one's turn is
  double now_ = 0;
};

}  // namespace fovea
