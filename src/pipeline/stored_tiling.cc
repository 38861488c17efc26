#include "pipeline/stored_tiling.h"

#include <cstring>
#include <span>

namespace fovea {

Blob StoredTiling::to_blob() const { return Blob::copy_of(std::as_bytes(std::span(embedding_keys))); }

std::optional<StoredTiling> StoredTiling::from_blob(const Blob& blob) {
  static_assert(sizeof(Key) == 32);
  if (blob.empty() || blob.size() % sizeof(Key) != 0) return std::nullopt;
  StoredTiling tiling;
  tiling.embedding_keys.resize(blob.size() / sizeof(Key));
  std::memcpy(tiling.embedding_keys.data(), blob.bytes().data(), blob.size());
  return tiling;
}

}  // namespace fovea
