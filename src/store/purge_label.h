// PurgeLabel: what is purged: all that a tenant stored, or what of it was made from one image. A plain value.
#pragma once

#include <algorithm>
#include <optional>

#include "fovea/key.h"
#include "store/tier.h"

namespace fovea {

struct PurgeLabel {
  Key tenant;                // tenant_label
  std::optional<Key> image;  // absent: all

  bool covers(const TierEntry& entry) const {
    return entry.tenant == tenant && (!image || std::ranges::contains(entry.images, *image));
  }

  friend bool operator==(const PurgeLabel&, const PurgeLabel&) = default;
};

}  // namespace fovea
