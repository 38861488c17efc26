#include "pipeline/stored_tiling.h"

#include <cstddef>
#include <cstring>
#include <span>

#include "base/check.h"

namespace fovea {

// The image key, all the tiles' keys, then all the times.
Blob StoredTiling::to_blob() const {
  check(embedding_keys.size() == encode_ms.size(), "a tiling has a time for each tile");
  const std::size_t tiles_bytes = embedding_keys.size() * (sizeof(Key) + sizeof(double));
  return Blob::filled(sizeof image_key + tiles_bytes, [&](std::span<std::byte> out) {
    const auto keys = std::as_bytes(std::span(embedding_keys)), times = std::as_bytes(std::span(encode_ms));
    std::memcpy(out.data(), &image_key, sizeof image_key);
    out = out.subspan(sizeof image_key);
    std::memcpy(out.data(), keys.data(), keys.size());
    std::memcpy(out.data() + keys.size(), times.data(), times.size());
  });
}

std::optional<StoredTiling> StoredTiling::from_blob(const Blob& blob) {
  static_assert(sizeof(Key) == 32);
  constexpr std::size_t tile_bytes = sizeof(Key) + sizeof(double);
  if (blob.size() <= sizeof(Key) || (blob.size() - sizeof(Key)) % tile_bytes != 0) return std::nullopt;
  StoredTiling tiling;
  std::memcpy(&tiling.image_key, blob.bytes().data(), sizeof tiling.image_key);
  const auto tiles = blob.bytes().subspan(sizeof tiling.image_key);
  tiling.embedding_keys.resize(tiles.size() / tile_bytes);
  tiling.encode_ms.resize(tiling.embedding_keys.size());
  const std::size_t keys_bytes = tiling.embedding_keys.size() * sizeof(Key);
  std::memcpy(tiling.embedding_keys.data(), tiles.data(), keys_bytes);
  std::memcpy(tiling.encode_ms.data(), tiles.data() + keys_bytes, tiles.size() - keys_bytes);
  return tiling;
}

}  // namespace fovea
