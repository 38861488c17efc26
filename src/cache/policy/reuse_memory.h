// ReuseMemory: what ValuePolicy has learnt, as a value that outlives it.
#pragma once

#include <cstdint>
#include <vector>

namespace fovea {

struct ReuseMemory {
  // A key that is cached, or was.
  struct Use {
    std::uint64_t id = 0;
    std::uint64_t age = 0;  // calls since its last use
    std::uint32_t uses = 0;
    std::uint8_t kind = 0;  // ReuseOdds::kind_of

    friend bool operator==(const Use&, const Use&) = default;
  };

  std::uint64_t calls = 0;     // of the policy, so far
  std::vector<double> counts;  // ReuseOdds::counts
  std::vector<Use> uses;       // the latest ones, the oldest first

  friend bool operator==(const ReuseMemory&, const ReuseMemory&) = default;
};

}  // namespace fovea
