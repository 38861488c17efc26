// SPDX-License-Identifier: Apache-2.0

// LevelStats: what a Level has done since it was made, and what it holds now. Plain numbers, for callers to
// export.
//
// Counters never go down when entries are erased, cleared or resized. A rate is the difference of two
// snapshots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

// Why a look-up found nothing. A level remembers the keys of a bounded number of removed entries (ghosts). A
// key that is no longer remembered counts as never_seen.
enum class MissReason : std::uint8_t {
  never_seen,    // no entry of this key is remembered
  evicted,       // the entry was evicted
  expired,       // the entry's time to live was over
  erased,        // the entry was removed by erase or clear
  other_tenant,  // only another tenant stored this content
};
constexpr std::size_t miss_reasons = 5;  // how many there are

// Why a value was not stored.
enum class BypassReason : std::uint8_t {
  too_large,  // larger than the whole budget
  declined,   // the policy values it less than the entries that it would displace
  pinned,     // only pinned entries could make room
};
constexpr std::size_t bypass_reasons = 3;  // how many there are

// Why an entry was evicted.
enum class EvictionReason : std::uint8_t {
  capacity,  // to make room for another entry
  resized,   // the budget shrank
  expired,   // its time to live was over
};
constexpr std::size_t eviction_reasons = 3;  // how many there are

// The reason as metrics spell it, such as "never_seen", "too_large" or "capacity".
std::string_view to_string(MissReason reason);
std::string_view to_string(BypassReason reason);
std::string_view to_string(EvictionReason reason);

struct LevelStats {
  std::uint64_t hits = 0;        // look-ups that found an entry
  std::uint64_t misses = 0;      // the sum of misses_by
  std::uint64_t joined = 0;      // misses of get_or_compute that joined another caller's computation
  std::uint64_t insertions = 0;  // values that were stored
  std::uint64_t bypasses = 0;    // the sum of bypasses_by
  std::uint64_t evictions = 0;   // the sum of evictions_by
  std::array<std::uint64_t, miss_reasons> misses_by{};         // by MissReason
  std::array<std::uint64_t, bypass_reasons> bypasses_by{};     // by BypassReason
  std::array<std::uint64_t, eviction_reasons> evictions_by{};  // by EvictionReason
  double saved_ms = 0;                                         // sum of cost_ms over hits

  std::uint64_t entries = 0;       // stored now
  std::uint64_t bytes = 0;         // charged: values, their extra_bytes, and entry_overhead_bytes each
  std::uint64_t bytes_max = 0;     // of the whole budget, where levels share one
  std::uint64_t pinned_bytes = 0;  // the part of `bytes` that may not be evicted
  std::uint64_t in_use_bytes = 0;  // removed values that readers still hold; not part of `bytes`

  // Evicted entries by importance: bin i holds [i/10, (i+1)/10), the last one 1.0 too.
  std::array<std::uint64_t, 10> importance_at_eviction{};
  // Evicted entries by the time since they were stored: bin 0 below 1 ms, bin i from 2^(i-1) to 2^i ms. The
  // last bin holds everything above.
  std::array<std::uint64_t, 32> age_at_eviction{};
};

}  // namespace fovea
