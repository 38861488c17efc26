// StoredResponse: a finished answer as the response level keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "fovea/blob.h"
#include "fovea/key.h"

namespace fovea {

struct StoredResponse {
  std::string text;
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  FinishReason finish_reason = FinishReason::stop;
  double made_unix_s = 0;       // by the wall clock, which other processes share
  std::vector<Key> image_keys;  // of the request, so that what was said of a picture can be found and removed

  Blob to_blob() const;
  // nullopt when the bytes are not what to_blob() writes.
  static std::optional<StoredResponse> from_blob(const Blob& blob);
};

}  // namespace fovea
