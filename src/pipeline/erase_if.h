// erase_if: removes the entries of a level that match, by a walk over all of it.
#pragma once

#include <algorithm>
#include <vector>

#include "fovea/level.h"

namespace fovea {

// The result is how many went. `matches` is asked under a lock of the level: it must be short and must not call the level.
template <typename Matches>
std::size_t erase_if(Level& level, const Matches& matches) {
  std::vector<Key> keys;
  level.for_each([&](const EntryView& entry) {
    if (matches(entry)) keys.push_back(entry.key);
  });
  return static_cast<std::size_t>(std::ranges::count_if(keys, [&](const Key& key) { return level.erase(key); }));
}

}  // namespace fovea
