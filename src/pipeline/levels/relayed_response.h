// RelayedResponse: another server's answer as the response level keeps it: the payload of a
// `relayed_response` record (docs/format.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fovea/blob.h"
#include "fovea/key.h"
#include "store/byte_io.h"

namespace fovea {

struct RelayedResponse {
  bool tells_usage = false;  // it was asked for in a way that makes servers tell token counts
  std::vector<Key> image_keys;
  std::string object;  // the chat.completion; of other APIs the body as it came

  ByteWriter payload() const;
  // nullopt when the bytes are not what payload() writes.
  static std::optional<RelayedResponse> from_payload(const Blob& payload);
};

}  // namespace fovea
