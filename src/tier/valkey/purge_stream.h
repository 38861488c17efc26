// PurgeStream: the log of purges in the shared tier: a stream of the server, of which each entry is a label.
//
// The stream lies under one key, so in one slot of a cluster. Each entry has a seal, as a stored entry
// has: where fleet keys are set, nobody without one can make others forget something by a label, though
// who can write to the server can remove the log, which makes everybody forget all. Thread-safe, as its
// client is, which must outlive it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "store/purge_log.h"
#include "store/sealed_entry.h"
#include "tier/valkey/client.h"

namespace fovea::valkey {

// A label as it lies in the stream, with a MAC where there is a key (docs/format.md). `origin` is a number
// of the process that purged; a label that is absent marks a place and purges nothing.
std::vector<std::byte> seal_purge(const std::optional<PurgeLabel>& label, std::uint64_t origin,
                                  const SealKey* key = nullptr);
struct OpenedPurge {
  std::optional<PurgeLabel> label;
  std::uint64_t origin = 0;
};
// What seal_purge made, by one of `keys` or without one where there are none; nullopt for anything else.
std::optional<OpenedPurge> open_purge(std::span<const std::byte> bytes, std::span<const SealKey> keys = {});

class PurgeStream final : public PurgeLog {
 public:
  static constexpr std::size_t entries_kept = 10'000;  // about; some 2 MB
  static constexpr std::size_t page_entries = 256;
  static constexpr std::size_t appended_max = 1000;  // that are appended again to a server that was emptied
  static constexpr std::chrono::milliseconds wait_max{5000};

  PurgeStream(Client& client, std::vector<SealKey> fleet_keys);

  // On return every replica that follows has the labels too. Faults: those of Client::run; unavailable,
  // where a replica has not got them.
  Result<void> append(std::span<const PurgeLabel> labels, const Until& until);

  // Labels that this object appended itself are left out, and entries that prove nothing. Not lost is what
  // followed a position that this object named, where the server was emptied: who appended it does so again.
  Result<News> after(std::string_view position, const WaitLimits& limits) override;

 private:
  Command add_command(const std::optional<PurgeLabel>& label) const;
  Result<void> add(std::span<const PurgeLabel> labels, const Until& until);
  Result<News> news_behind(std::string_view position, const Until& until);
  Result<News> news_where_gone(std::string_view position, const Until& until);
  Result<News> news_at_end(const Until& until);
  Result<std::vector<Reply>> read(std::string_view from, const Until& until);
  Result<void> read_into(News& news, std::span<const Reply> entries) const;
  Result<std::string> end(const Until& until);

  Client& client_;
  const std::vector<SealKey> fleet_keys_;
  const std::uint64_t origin_;
  Mutex mutex_;
  std::deque<PurgeLabel> appended_ FOVEA_GUARDED_BY(mutex_);  // lately
  std::string named_ FOVEA_GUARDED_BY(mutex_);                // the last position
};

}  // namespace fovea::valkey
