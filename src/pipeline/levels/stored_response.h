// StoredResponse: a finished answer as the response level keeps it: the payload of a `response` record
// (docs/format.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "store/byte_io.h"

namespace fovea {

struct StoredResponse {
  std::string text;
  std::int32_t prompt_tokens = 0;
  std::int32_t image_tokens = 0;  // of prompt_tokens
  std::int32_t answer_tokens = 0;
  FinishReason finish_reason = FinishReason::stop;
  std::vector<Key> image_keys;  // of the request: what was said of an image can be found and removed
  std::string stop;             // the stop string that ended it; empty = none did

  ByteWriter payload() const;
  // nullopt when the bytes are not what payload() writes.
  static std::optional<StoredResponse> from_payload(const Blob& payload);
};

}  // namespace fovea
