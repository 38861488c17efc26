// ToolOrder: finds requests whose tools are those of an earlier one in another order. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

#include "audit/spoilers/spoiler_table.h"

namespace fovea {

class ToolOrder {
 public:
  static constexpr std::size_t lists_max = 1'000'000;

  void see(const PlacedRequest& placed, SpoilerTable& table);

 private:
  boost::unordered_flat_set<std::uint64_t> lists_;  // of tools: whatever their order, and as they came
};

}  // namespace fovea
