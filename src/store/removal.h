// Removal: what is removed from a store or a tier: what a label covers, or the entries of some keys. Plain
// values.
#pragma once

#include <algorithm>
#include <variant>
#include <vector>

#include "fovea/key.h"
#include "store/purge_label.h"
#include "store/tier.h"

namespace fovea {

struct Erasure {
  RecordKind kind;
  std::vector<Key> keys;

  friend bool operator==(const Erasure&, const Erasure&) = default;
};

using Removal = std::variant<PurgeLabel, Erasure>;

inline bool covers(const Removal& removal, RecordKind kind, const TierEntry& entry) {
  if (const auto* label = std::get_if<PurgeLabel>(&removal)) return label->covers(entry);
  const Erasure& erasure = std::get<Erasure>(removal);
  return erasure.kind == kind && std::ranges::contains(erasure.keys, entry.key);
}

}  // namespace fovea
