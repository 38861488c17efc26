// TraceBuilder: makes a Trace, one look-up at a time. It turns the keys of a file into dense numbers.
//
// A server that found a response looked nothing else up, but with another policy it might have missed. So
// where a request is one response alone, and its key came before with other look-ups after it, the builder
// repeats those look-ups, and the response's relation to its embedding. Not thread-safe. Everything is
// bounded here, so that no reader has to count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fovea/result.h"
#include "trace/trace.h"

namespace fovea {

// The look-ups of a trace are held in memory, 48 bytes each. This many take 10 GB, as much as a large machine
// can spare.
constexpr std::uint64_t lookups_max = 200'000'000;
constexpr std::size_t key_text_bytes_max = 1 << 12;  // a longer key is a value, taken for a key by mistake

// The bounds of a look-up's numbers, so that no sum over a trace overflows or loses its precision.
constexpr double size_max_bytes = 0x1p44;              // 16 TiB
constexpr std::uint64_t sizes_max_bytes = 1ULL << 62;  // of all look-ups together
constexpr double cost_max_ms = 1e12;                   // 30 years
constexpr double time_max_ms = 1e15;

class TraceBuilder {
 public:
  explicit TraceBuilder(std::string name) { trace_.name = std::move(name); }

  // The next look-ups come from another file. Their times continue where the last file ended.
  void begin_file();

  // The dense number of a tenant, or of a key of a tenant and level. A new text gets a new number.
  // Faults of key: too_large (a key of more than key_text_bytes_max).
  std::uint32_t tenant(std::string_view text);
  Result<std::uint32_t> key(std::uint32_t tenant, TraceLevel level, std::string_view text);

  // Appends `lookup`, whose key comes from key() and whose time is the file's. Its request number is ignored:
  // it belongs to the request of the look-up before it, unless `new_request`.
  // Faults: invalid (a number out of its range, or a time before the last one, or sizes over sizes_max_bytes
  // together), too_large (over lookups_max).
  Result<void> add(Lookup lookup, bool new_request);

  // The time of the last look-up added, as the file had it.
  double last_time_ms() const { return last_file_ms_; }

  Trace finish() &&;

 private:
  void complete_request();

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Numbers = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;

  Trace trace_;
  Numbers tenants_;
  Numbers keys_;
  std::uint64_t sizes_bytes_ = 0;
  std::size_t request_begin_ = 0;            // the first look-up of the request that add() is at
  std::vector<std::uint32_t> followers_of_;  // by a response's key: the first look-up after it; 0 = unknown
  std::string framed_key_;                   // a member so that its memory is reused
  bool file_has_lookups_ = false;
  double file_start_ms_ = 0;  // the file's first time
  double base_ms_ = 0;        // that time in the trace
  double last_file_ms_ = 0;
};

}  // namespace fovea
