#include "pipeline/relay_entry.h"

#include <cmath>
#include <cstdint>
#include <cstring>

namespace fovea {

namespace {

// What stands before the image keys and the object.
struct Header {
  double stored_at_ms;
  double cost_ms;
  std::uint32_t tells_usage;
  std::uint32_t images;
};

}  // namespace

Blob RelayEntry::to_blob() const {
  const Header header{stored_at_ms, cost_ms, tells_usage, static_cast<std::uint32_t>(image_keys.size())};
  const std::size_t keys_bytes = image_keys.size() * sizeof(Key);
  return Blob::filled(sizeof header + keys_bytes + object.size(), [&](std::span<std::byte> out) {
    std::memcpy(out.data(), &header, sizeof header);
    if (keys_bytes > 0) std::memcpy(out.data() + sizeof header, image_keys.data(), keys_bytes);
    std::memcpy(out.data() + sizeof header + keys_bytes, object.data(), object.size());
  });
}

std::optional<RelayEntry> RelayEntry::from_blob(const Blob& blob) {
  Header header;
  if (blob.size() < sizeof header) return std::nullopt;
  std::memcpy(&header, blob.bytes().data(), sizeof header);
  const std::size_t rest = blob.size() - sizeof header;
  if (!std::isfinite(header.stored_at_ms) || !std::isfinite(header.cost_ms) || header.tells_usage > 1 ||
      header.images > rest / sizeof(Key))
    return std::nullopt;
  RelayEntry entry{.stored_at_ms = header.stored_at_ms,
                   .cost_ms = header.cost_ms,
                   .tells_usage = header.tells_usage == 1,
                   .image_keys = std::vector<Key>(header.images),
                   .object = {}};
  const std::size_t keys_bytes = header.images * sizeof(Key);
  if (keys_bytes > 0) std::memcpy(entry.image_keys.data(), blob.bytes().data() + sizeof header, keys_bytes);
  entry.object = blob.text().substr(sizeof header + keys_bytes);
  return entry;
}

}  // namespace fovea
