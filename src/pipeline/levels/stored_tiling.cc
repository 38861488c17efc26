#include "pipeline/levels/stored_tiling.h"

#include <cmath>
#include <cstddef>

#include "base/check.h"

namespace fovea {

ByteWriter StoredTiling::payload() const {
  check(embedding_keys.size() == encode_ms.size(), "a tiling has a time for each tile");
  ByteWriter out;
  out.key(image_key).u32(static_cast<std::uint32_t>(embedding_keys.size()));
  for (std::size_t i = 0; i < embedding_keys.size(); ++i) out.key(embedding_keys[i]).f64(encode_ms[i]);
  return out;
}

std::optional<StoredTiling> StoredTiling::from_payload(const Blob& payload) {
  ByteReader in(payload.bytes());
  StoredTiling tiling{.image_key = in.key()};
  const std::uint32_t tiles = in.count(sizeof(Key) + sizeof(double));
  for (std::uint32_t i = 0; i < tiles; ++i) {
    tiling.embedding_keys.push_back(in.key());
    tiling.encode_ms.push_back(in.f64());
    if (!std::isfinite(tiling.encode_ms.back())) return std::nullopt;
  }
  if (!in.finished() || tiles == 0) return std::nullopt;
  return tiling;
}

}  // namespace fovea
