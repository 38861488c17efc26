// StoredTiling: what is kept of a picture that was cut before: its tiles' embedding keys in order, and what encoding
// them took.
#pragma once

#include <optional>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

struct StoredTiling {
  Key image_key;  // whose tiles they are
  std::vector<Key> embedding_keys;
  std::vector<double> encode_ms;  // one a tile

  Blob to_blob() const;
  // nullopt when the bytes are not what to_blob() writes.
  static std::optional<StoredTiling> from_blob(const Blob& blob);
};

}  // namespace fovea
