// trace_of: traces from texts, for tests.
#pragma once

#include <string>

#include "trace/read_trace.h"

namespace fovea {

// A profile with simple numbers: two tiles an image, answers of exactly 10 tokens.
inline ModelProfile plain_profile() {
  return {.name = "plain",
          .tile_bytes = 1000,
          .tiles = {{2, 1}},
          .encode_ms_per_tile = 100,
          .prefill_ms_per_tile = 10,
          .ms_per_answer_token = 1,
          .answer_tokens_median = 10,
          .answer_tokens_spread = 0,
          .bytes_per_answer_token = 4};
}

inline Result<Trace> trace_of(std::string text, std::optional<TraceFormat> format = {}, bool shuffled = false,
                              std::uint64_t seed = 1) {
  TraceSource sources[] = {TraceSource::of(std::move(text), "a trace")};
  return read_trace(sources, {.format = format, .profile = plain_profile(), .shuffled = shuffled, .seed = seed}, {});
}

// The error's message; empty where there is none.
inline std::string fault_of(const Result<Trace>& trace) { return trace ? "" : trace.error().message; }

}  // namespace fovea
