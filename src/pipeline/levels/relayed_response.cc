#include "pipeline/levels/relayed_response.h"

namespace fovea {

ByteWriter RelayedResponse::payload() const {
  ByteWriter out;
  out.u8(tells_usage ? 1 : 0).u32(static_cast<std::uint32_t>(image_keys.size()));
  for (const Key& key : image_keys) out.key(key);
  out.text(object);
  return out;
}

std::optional<RelayedResponse> RelayedResponse::from_payload(const Blob& payload) {
  ByteReader in(payload.bytes());
  const std::uint8_t tells_usage = in.u8();
  RelayedResponse response{.tells_usage = tells_usage == 1, .image_keys = std::vector<Key>(in.count(sizeof(Key)))};
  for (Key& key : response.image_keys) key = in.key();
  response.object = in.text();
  if (!in.finished() || tells_usage > 1) return std::nullopt;
  return response;
}

}  // namespace fovea
