// Fleets with round numbers, whose outcomes can be computed by hand. Plain values.
#pragma once

#include <cstdint>
#include <string>

#include "cluster/fleet.h"

namespace fovea::test {

// A model that encodes a picture, of one tile, in a second, and answers in 100 ms: 40 to read the prompt, 50
// to decode ten tokens, 10 around that. An embedding is 100,000 bytes; there are no states.
inline ModelTimes made_model() {
  ModelTimes model{.name = "made"};
  model.tiles = 1;
  model.tile_bytes = 100'000;
  model.width = 100;
  model.encode_ms = 1000;
  model.image_prefill_ms = 30;
  model.prefill = {{10, 10}, {20, 20}};
  model.batches = {{1, 5}, {2, 10}};  // two answers side by side take as long as one after another
  model.load = {.width = 512,
                .height = 512,
                .prompt_tokens = 10,
                .image_tokens = 250,
                .answer_tokens = 10,
                .steps = 10,
                .generate_ms = 50,
                .open_ms = 3,
                .preprocess_ms = 5,
                .hash_ms = 2,
                .encode_ms = 1000,
                .encode_once_ms = 1000,
                .prefill_ms = 40,
                .question_ms = 10,
                .around_ms = 20,
                .known_around_ms = 10,
                .hit_ms = 1};
  model.load_ms = 500;
  return model;
}

// With a state of 1,000,000 bytes behind the picture, 4 ms out of the decoder and 2 ms into it.
inline ModelTimes made_model_with_states() {
  ModelTimes model = made_model();
  model.state = {.bytes = 1'000'000, .tokens = 250, .out_ms = 4, .in_ms = 2};
  return model;
}

// So many nodes with a link of 1,000 bytes/ms and 1 ms, and requests about `images` pictures, each of which
// is asked one question only where `questions` is 1.
inline Fleet made_fleet(std::uint32_t nodes, std::uint32_t requests, std::uint32_t images,
                        std::uint32_t questions = 1) {
  Fleet fleet{
      .name = "made", .about = "A fleet of round numbers.", .classes = {}, .shared = {}, .load = {}, .events = {}};
  fleet.classes.push_back({.name = "node",
                           .device = "made",
                           .times = made_model(),
                           .count = nodes,
                           .link = {.bytes_per_ms = 1000, .latency_ms = 1}});
  fleet.load.workload.name = "made";
  fleet.load.workload.requests = requests;
  fleet.load.workload.images = images;
  fleet.load.workload.questions = questions;
  fleet.load.clients = 1;
  fleet.load.request_bytes = 1000;
  fleet.load.answer_bytes = 100;
  return fleet;
}

inline SharedTier made_shared(std::uint32_t shards = 1) {
  return {.shards = shards, .link = {.bytes_per_ms = 10'000, .latency_ms = 1}, .wait_ms = 0.5};
}

}  // namespace fovea::test
