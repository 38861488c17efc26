// Times with round numbers, short enough to wait for.
#pragma once

#include "engine/modelled/modelled_times.h"

namespace fovea::test {

inline ModelledTimes some_times() {
  return {.model = "example",
          .machine = "a machine",
          .vision_fingerprint = "its vision",
          .text_fingerprint = "its text",
          .tiles = 3,
          .tile_tokens = 8,
          .width = 4,
          .preprocess_ms = 1,
          .hash_ms = 0.5,
          .encode_ms = 4,
          .image_prefill_ms = 2,
          .prefill = {{8, 4}, {64, 32}},
          .decode = {{1, 2}, {2, 3}, {4, 6}},
          .state_bytes_of_token = 100,
          .state_out_ms_of_token = 0.01,
          .state_in_ms_of_token = 0.1,
          .answer_tokens = 8,
          .context_tokens = 512};
}

}  // namespace fovea::test
