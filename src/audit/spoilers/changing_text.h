// ChangingText: finds texts that differ only in a time, an id or a number, and stand in front of what is the
// same. Not thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <vector>

#include "audit/spoilers/spoiler_table.h"

namespace fovea {

class ChangingText {
 public:
  // Less is not worth a line in a report: a restored state saves about as much as it costs (PrefixLevel).
  static constexpr double lost_tokens_min = 32;
  static constexpr std::size_t places_max = 8'000'000;

  // Whether the request shows one.
  bool see(const PlacedRequest& placed, SpoilerTable& table);

 private:
  boost::unordered_flat_set<std::uint64_t> places_;  // of prompts without their variables, behind each part
  std::vector<std::uint64_t> chain_;                 // of this request
};

}  // namespace fovea
