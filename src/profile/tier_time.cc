// The values were just written, so a disk reads them from the system's memory, as it does the values that are
// used often. Payloads are noise: nothing on the way can compress them.
#include "profile/tier_time.h"

#include <algorithm>
#include <array>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "profile/repeat.h"
#include "store/record.h"

namespace fovea {

namespace {

constexpr std::size_t small_bytes = 1024;
constexpr double worth_ms = 1e6;  // nothing else is worth as much, so a full disk keeps it for the moment

class Values {
 public:
  Values(RecordKind kind, std::uint32_t count, std::uint64_t bytes, std::mt19937_64& random) : kind_(kind) {
    for (std::uint32_t i = 0; i < count; ++i) {
      KeyBuilder key("fovea/profile/1");
      keys_.push_back(key.field(std::uint64_t{random()}).finish());
      entries_.push_back({.key = keys_.back(), .tenant = scope_, .images = {}, .record = record(bytes, random)});
    }
  }

  // Writes all of them; how long that took.
  Result<double> insert(Tier& tier) const {
    const Stopwatch watch;
    for (const TierEntry& entry : entries_) {
      if (auto inserted = tier.insert(kind_, entry); !inserted) return std::unexpected(inserted.error());
    }
    return watch.elapsed_ms();
  }

  // Reads each alone; the median of what that takes.
  Result<double> find(Tier& tier) const {
    std::size_t next = 0;
    return median_of({.times_max = keys_.size(), .ms_max = 5000}, [&]() -> Result<double> {
      const Stopwatch watch;
      const auto found = tier.find_many(kind_, std::span(&keys_[next++], 1), {});
      if (!found) return std::unexpected(found.error());
      if (!found->front()) return fail(Fault::unavailable, "a value that was just stored is not there");
      return watch.elapsed_ms();
    });
  }

  Result<void> erase(Tier& tier) const { return tier.erase(kind_, keys_); }

 private:
  Blob record(std::uint64_t bytes, std::mt19937_64& random) const {
    const RecordHeader header{.kind = kind_, .scope = scope_, .cost_ms = worth_ms, .made_unix_ms = unix_time_ms()};
    return encode_record(header, bytes, [&](std::span<std::byte> payload) {
      for (std::byte& byte : payload) byte = static_cast<std::byte>(random());
    });
  }

  const RecordKind kind_;
  const Key scope_ = KeyBuilder("fovea/profile-scope/1").finish();
  std::vector<Key> keys_;
  std::vector<TierEntry> entries_;
};

}  // namespace

Result<TierTime> measure_tier(Tier& tier, const TierLoad& load) {
  std::mt19937_64 random{std::random_device{}()};
  const Values small(RecordKind::response, load.small_values, small_bytes, random);
  const Values large(RecordKind::prefix, load.large_values, load.large_bytes, random);
  if (auto inserted = small.insert(tier); !inserted) return std::unexpected(inserted.error());
  const auto wait_ms = small.find(tier);
  if (!wait_ms) return std::unexpected(wait_ms.error());
  const auto write_ms = large.insert(tier);
  if (!write_ms) return std::unexpected(write_ms.error());
  const auto large_ms = large.find(tier);
  for (const Values* values : {&small, &large}) {
    if (auto erased = values->erase(tier); !erased) return std::unexpected(erased.error());
  }
  if (!large_ms) return std::unexpected(large_ms.error());
  const auto bytes = static_cast<double>(load.large_bytes);
  return TierTime{.kind = std::string(to_string(tier.kind())),
                  .wait_ms = *wait_ms,
                  .bytes_per_ms = bytes / std::max({*large_ms - *wait_ms, *large_ms / 10, 1e-6}),
                  .write_bytes_per_ms = bytes * load.large_values / std::max(*write_ms, 1e-6)};
}

}  // namespace fovea
