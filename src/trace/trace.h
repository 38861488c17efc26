// Trace: a sequence of cache look-ups to replay, as a server recorded them, a file has them, or a workload
// generated them.
//
// A user's request is a run of look-ups in the order of docs/ARCHITECTURE.md, "A request's way": the response
// first, then the embeddings. When a response hits, the rest of its request is never looked up. Keys are
// dense numbers here, so that replay needs no hashing. A plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

enum class TraceLevel : std::uint8_t { embedding, prefix, response };
constexpr int trace_levels = 3;

constexpr std::uint32_t no_related = UINT32_MAX;

struct Lookup {
  std::uint32_t key = 0;               // 0 .. Trace::keys - 1, different for each tenant and level
  std::uint32_t request = 0;           // look-ups of one request have the same number and are in a row
  std::uint32_t related = no_related;  // of a response: the key of (the first of) its embeddings
  float importance = 0.5F;             // [0, 1]; 0.5 where the trace has none
  double time_ms = 0;                  // since the trace's start, never falling
  double cost_ms = 0;                  // compute that a hit saves
  std::uint64_t size = 0;              // bytes of the value
  std::uint32_t tenant = 0;
  TraceLevel level = TraceLevel::embedding;
};

struct Trace {
  std::string name;  // where it came from, for titles
  std::uint32_t keys = 0;
  std::vector<Lookup> lookups;
};

}  // namespace fovea
