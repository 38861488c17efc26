// SPDX-License-Identifier: Apache-2.0

// LevelStats: what a Level has done since it was made, and what it holds now. Plain numbers, for whoever exports them.
//
// Counters never go down, whatever is erased, cleared or resized; rates are differences of two snapshots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fovea {

// Why a look-up found nothing. A level remembers the keys of bounded many departed entries; older ones count as never_seen.
enum class MissReason : std::uint8_t {
  never_seen,    // no entry of this key is remembered
  evicted,       // it had to leave
  expired,       // its time to live was over
  erased,        // it was removed
  other_tenant,  // it is there for another tenant alone
};
constexpr std::size_t miss_reasons = 5;  // how many there are

// Why a value was not stored.
enum class BypassReason : std::uint8_t {
  too_large,  // larger than the whole budget
  declined,   // the policy thinks less of it than of what it would displace
  pinned,     // it would only fit in place of pinned entries
};
constexpr std::size_t bypass_reasons = 3;  // how many there are

// Why an entry left.
enum class EvictionReason : std::uint8_t {
  capacity,  // room for another entry
  resized,   // the budget shrank
  expired,   // its time to live was over
};
constexpr std::size_t eviction_reasons = 3;  // how many there are

// "never_seen", "too_large", "capacity" and so on, as metrics spell them.
std::string_view to_string(MissReason reason);
std::string_view to_string(BypassReason reason);
std::string_view to_string(EvictionReason reason);

struct LevelStats {
  std::uint64_t hits = 0;        // look-ups that found an entry
  std::uint64_t misses = 0;      // the sum of misses_by
  std::uint64_t joined = 0;      // misses of get_or_compute that got the value of a computation already under way
  std::uint64_t insertions = 0;  // values that were stored
  std::uint64_t bypasses = 0;    // the sum of bypasses_by
  std::uint64_t evictions = 0;   // the sum of evictions_by
  std::array<std::uint64_t, miss_reasons> misses_by{};         // by MissReason
  std::array<std::uint64_t, bypass_reasons> bypasses_by{};     // by BypassReason
  std::array<std::uint64_t, eviction_reasons> evictions_by{};  // by EvictionReason
  double saved_ms = 0;                                         // sum of cost_ms over hits

  std::uint64_t entries = 0;       // there now
  std::uint64_t bytes = 0;         // charged: values plus Level::entry_overhead_bytes each; never above bytes_max
  std::uint64_t bytes_max = 0;     // of the whole budget, where levels share one
  std::uint64_t pinned_bytes = 0;  // the part of `bytes` that may not be evicted
  std::uint64_t in_use_bytes = 0;  // values that left the level but are still held by readers; not part of `bytes`

  // Evicted entries by importance: bin i holds [i/10, (i+1)/10), the last one 1.0 too.
  std::array<std::uint64_t, 10> importance_at_eviction{};
  // Evicted entries by the time since they were stored: bin 0 below 1 ms, bin i from 2^(i-1) to 2^i ms, the last one all above.
  std::array<std::uint64_t, 32> age_at_eviction{};
};

}  // namespace fovea
