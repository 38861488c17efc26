// TraceLine: one look-up as a running cache records it. to_jsonl writes its line of a JSONL trace, which
// read_jsonl reads.
//
// A plain value and a pure function. TraceRow is the other direction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fovea {

struct TraceLine {
  double time = 0;  // ms since 1970
  std::string_view tenant;
  std::string key;
  std::string_view level;
  std::uint64_t size = 0;                // bytes of the value
  double cost = 0;                       // ms that a hit saves
  std::optional<float> importance;       // [0, 1], where it is known
  std::optional<std::string> related;    // of a response: the key of (the first of) its embeddings
  std::string_view request;              // the same for all look-ups of a request, unique to it
  std::string_view outcome;              // hit, miss or bypass; for people: replay computes its own
  std::optional<std::string_view> tier;  // of a hit: memory, disk or shared; for people too
  std::optional<bool> approximate;       // true: some tile of the request was taken for another; for people too
};

// `line` as one JSON object with a newline at its end.
std::string to_jsonl(const TraceLine& line);

}  // namespace fovea
