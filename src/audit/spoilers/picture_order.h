// PictureOrder: finds known pictures behind texts that change, which would be found as prefixes if they came
// first in their message. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>

#include "audit/spoilers/spoiler_table.h"

namespace fovea {

class PictureOrder {
 public:
  static constexpr std::size_t places_max = 4'000'000;

  // `table` is null where the request already shows what keeps its pictures from being found.
  void see(const PlacedRequest& placed, SpoilerTable* table);

 private:
  boost::unordered_flat_set<std::uint64_t> places_;  // behind pictures, as if they came first in their message
};

}  // namespace fovea
