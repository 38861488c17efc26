// PurgeLabel: what is purged: all that a tenant stored, or what of it was made from one image, or everything.
// A plain value.
#pragma once

#include <algorithm>
#include <optional>

#include "fovea/key.h"
#include "store/tier.h"

namespace fovea {

struct PurgeLabel {
  Key tenant;                // tenant_label
  std::optional<Key> image;  // absent: all
  bool everything = false;   // of every tenant; then the others say nothing
  bool is_file = false;      // `image` is the key of an uploaded file, and the one entry that has this label

  static PurgeLabel of_everything() { return {.tenant = {}, .image = {}, .everything = true}; }

  bool covers(const TierEntry& entry) const {
    return everything || (entry.tenant == tenant && (!image || std::ranges::contains(entry.images, *image)));
  }

  friend bool operator==(const PurgeLabel&, const PurgeLabel&) = default;
};

}  // namespace fovea
