// StoredResponse: a finished answer as the response level keeps it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "fovea/blob.h"

namespace fovea {

struct StoredResponse {
  std::string text;
  std::int32_t prompt_tokens = 0;
  std::int32_t answer_tokens = 0;
  FinishReason finish_reason = FinishReason::stop;

  Blob to_blob() const;
  // nullopt when the bytes are not what to_blob() writes.
  static std::optional<StoredResponse> from_blob(const Blob& blob);
};

}  // namespace fovea
