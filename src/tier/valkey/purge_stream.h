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

#include "base/clock.h"
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
  // What was appended in that time, until the server was last there, is appended again where it was emptied.
  // Who was away for longer has lost the log.
  static constexpr std::chrono::hours again_for{1};
  static constexpr std::chrono::milliseconds wait_max{5000};

  // `clock` outlives it.
  PurgeStream(Client& client, std::vector<SealKey> fleet_keys, const Clock& clock = Clock::steady());

  // On return every replica that follows has the labels too. Faults: those of Client::run; unavailable,
  // where a replica has not got them.
  Result<void> append(std::span<const PurgeLabel> labels, const Until& until);

  // Labels that this object appended itself are left out, and entries that prove nothing. Not lost is what
  // followed a position that this object named lately as the log's end, where the server was emptied: who
  // appended it does so again.
  Result<News> after(std::string_view position, const WaitLimits& limits) override;

 private:
  Command add_command(const std::optional<PurgeLabel>& label) const;
  std::vector<Command> add_commands(std::span<const PurgeLabel> labels) const;
  void drop_old(double now_ms) FOVEA_REQUIRES(mutex_);
  Result<News> news_behind(std::string_view position, const Until& until);
  Result<News> news_where_gone(std::string_view position, const Until& until);
  Result<News> news_at_end(const Until& until);
  Result<std::vector<Reply>> read(std::string_view from, const Until& until);
  Result<void> read_into(News& news, std::span<const Reply> entries) const;
  Result<std::string> end(const Until& until);

  struct Appended {
    PurgeLabel label;
    double at_ms;
  };

  Client& client_;
  const std::vector<SealKey> fleet_keys_;
  const Clock& clock_;
  const std::uint64_t origin_;
  Mutex mutex_;
  std::deque<Appended> appended_ FOVEA_GUARDED_BY(mutex_);  // the oldest first
  std::string named_ FOVEA_GUARDED_BY(mutex_);              // the last position, if nothing was behind it
  double named_at_ms_ FOVEA_GUARDED_BY(mutex_) = 0;
};

}  // namespace fovea::valkey
