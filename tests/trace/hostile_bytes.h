// check_hostile: checks what must hold for any bytes that are given as a trace, a set of questions, a model
// profile or a workload: the reader returns a sound value, or an error with a message.
//
// The fuzz target uses it, and so do the tests that replay the corpus. It ends the program where the rule
// does not hold.
#pragma once

#include <cstdint>
#include <string>

#include "base/check.h"
#include "trace/read_trace.h"
#include "trace/trace_builder.h"
#include "workload/workload.h"

namespace fovea {

// The first byte of a corpus file names its kind: a TraceFormat, one of these, or any other number for a file
// to recognise.
constexpr std::uint8_t as_profile = 7;
constexpr std::uint8_t as_workload = 8;

// Checks what replay requires of every trace that a reader returns.
inline void check_sound(const Trace& trace) {
  check(!trace.lookups.empty(), "a trace holds look-ups");
  double time_ms = 0;
  std::uint32_t request = 0;
  for (const Lookup& lookup : trace.lookups) {
    check(lookup.key < trace.keys, "keys are dense");
    check(lookup.related == no_related || lookup.related < trace.keys, "related keys are keys");
    check(lookup.cost_ms >= 0 && lookup.cost_ms <= cost_max_ms, "costs are bounded");
    check(static_cast<double>(lookup.size) <= size_max_bytes, "sizes are bounded");
    check(lookup.importance >= 0 && lookup.importance <= 1, "importance is a share");
    check(lookup.time_ms >= time_ms, "time does not fall");
    check(lookup.request >= request, "requests count up");
    time_ms = lookup.time_ms;
    request = lookup.request;
  }
}

inline void check_profile(const std::string& bytes) {
  const auto profile = parse_model_profile(bytes, "fuzz");
  check(profile || !profile.error().message.empty(), "an error has a message");
  if (!profile) return;
  check(image_terms(*profile, 1, 2).tiles >= 1, "an image has a tile");
  check(answer_terms(*profile, 1, 2).tokens >= 1, "an answer has a token");
}

// Generates small workloads only: a large one takes as long as it says.
inline void check_workload(const std::string& bytes) {
  constexpr std::uint32_t small = 500;
  const auto workload = parse_workload(bytes);
  check(workload || !workload.error().message.empty(), "an error has a message");
  if (!workload || workload->requests > small || workload->images > small) return;
  const Trace trace = generate_trace(*workload, 1);
  check(trace.lookups.size() == 2 * workload->requests, "a request is a response and an embedding");
  check_sound(trace);
}

inline void check_trace(const std::string& bytes, std::optional<TraceFormat> format) {
  const ReadOptions options{.format = format, .profile = {.tile_bytes = 1, .tiles = {{1, 1}}}};
  TraceSource sources[] = {TraceSource::of(bytes, "fuzz")};
  const auto trace = read_trace(sources, options, {});
  check(trace || !trace.error().message.empty(), "an error has a message");
  if (trace) check_sound(*trace);
}

// Checks a corpus file: a byte for its kind, and the rest.
inline void check_hostile(const std::string& file) {
  if (file.empty()) return;
  const auto kind = static_cast<std::uint8_t>(file[0]);
  const std::string bytes = file.substr(1);
  if (kind == as_profile) return check_profile(bytes);
  if (kind == as_workload) return check_workload(bytes);
  const bool named = kind <= static_cast<std::uint8_t>(TraceFormat::workload);
  check_trace(bytes, named ? std::optional(static_cast<TraceFormat>(kind)) : std::nullopt);
}

}  // namespace fovea
