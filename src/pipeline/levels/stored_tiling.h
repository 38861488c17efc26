// StoredTiling: what is kept of an image that was preprocessed before: its tiles' embedding keys in order,
// and what encoding them took. The payload of a `tiling` record (docs/format.md).
#pragma once

#include <optional>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "store/byte_io.h"

namespace fovea {

struct StoredTiling {
  Key image_key;  // whose tiles they are
  std::vector<Key> embedding_keys;
  std::vector<double> encode_ms;  // one a tile

  ByteWriter payload() const;
  // nullopt when the bytes are not what payload() writes.
  static std::optional<StoredTiling> from_payload(const Blob& payload);
};

}  // namespace fovea
