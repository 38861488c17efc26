#include "pipeline/stored_tiling.h"

#include <cstddef>
#include <cstring>
#include <span>

#include "base/check.h"

namespace fovea {

// All the keys, then all the times.
Blob StoredTiling::to_blob() const {
  check(embedding_keys.size() == encode_ms.size(), "a tiling has a time for each tile");
  return Blob::filled(embedding_keys.size() * (sizeof(Key) + sizeof(double)), [&](std::span<std::byte> out) {
    const auto keys = std::as_bytes(std::span(embedding_keys)), times = std::as_bytes(std::span(encode_ms));
    std::memcpy(out.data(), keys.data(), keys.size());
    std::memcpy(out.data() + keys.size(), times.data(), times.size());
  });
}

std::optional<StoredTiling> StoredTiling::from_blob(const Blob& blob) {
  static_assert(sizeof(Key) == 32);
  constexpr std::size_t tile_bytes = sizeof(Key) + sizeof(double);
  if (blob.empty() || blob.size() % tile_bytes != 0) return std::nullopt;
  StoredTiling tiling;
  tiling.embedding_keys.resize(blob.size() / tile_bytes);
  tiling.encode_ms.resize(tiling.embedding_keys.size());
  const std::size_t keys_bytes = tiling.embedding_keys.size() * sizeof(Key);
  std::memcpy(tiling.embedding_keys.data(), blob.bytes().data(), keys_bytes);
  std::memcpy(tiling.encode_ms.data(), blob.bytes().data() + keys_bytes, blob.size() - keys_bytes);
  return tiling;
}

}  // namespace fovea
