// A profile with round numbers, for tests of what is computed from one.
#pragma once

#include "fovea/key.h"
#include "profile/profile.h"

namespace fovea::test {

inline ModelTimes example_model(const std::string& name = "example") {
  return {.name = name,
          .vision_fingerprint = KeyBuilder("vision").field(name).finish().hex(),
          .text_fingerprint = KeyBuilder("text").field(name).finish().hex(),
          .decoder_bytes = 100'000'000,
          .parameters = 100'000'000,
          .load_ms = 500,
          .memory_bytes = 1'000'000'000,
          .tiles = 2,
          .tile_bytes = 150'000,
          .width = 576,
          .encode_ms = 4000,
          .image_prefill_ms = 120,
          .prefill = {{16, 40}, {512, 800}},
          .batches = {{1, 10}, {2, 15}, {4, 20}, {8, 40}},
          .state = StateTime{.bytes = 3'000'000, .tokens = 128, .out_ms = 1, .in_ms = 9},
          .state_obstacle = "",
          .load = {.width = 512,
                   .height = 512,
                   .prompt_tokens = 150,
                   .image_tokens = 128,
                   .answer_tokens = 10,
                   .steps = 10,
                   .generate_ms = 100,
                   .open_ms = 5,
                   .preprocess_ms = 20,
                   .hash_ms = 4,
                   .encode_ms = 8000,
                   .encode_once_ms = 4000,
                   .prefill_ms = 300,
                   .question_ms = 40,
                   .around_ms = 1,
                   .known_around_ms = 1,
                   .hit_ms = 0.5},
          .encoding = {.processors = 2, .instructions_per_cycle = 2.5, .cache_misses_per_ms = 100},
          .decoding = {.processors = 1.5, .instructions_per_cycle = {}, .cache_misses_per_ms = {}},
          .threads = {{1, 7000, 300, 18}, {2, 4000, 160, 10}}};
}

inline Profile example_profile() {
  return {.fovea = "0.0.0",
          .machine = "a machine",
          .measured = "2026-01-01T00:00:00Z",
          .took_ms = 60'000,
          .counters = "",
          .memory = {{1, 10'000'000}, {2, 16'000'000}},
          .tiers = {{"disk", 0.25, 500'000, 300'000}, {"shared", 1, 100'000, 90'000}},
          .models = {example_model()}};
}

}  // namespace fovea::test
