// NodeLane: one tier as a node uses it: TierLane on the virtual clock.
//
// Placement and Breaker are the server's own. What TierLane does with threads is done here by waiting: a
// queue whose entries are written one after another, behind the answers. Not thread-safe. Borrows all that it
// is made with. It lives as long as anything waits in it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "cluster/fleet.h"
#include "cluster/network/timeline.h"
#include "cluster/node/simulated_tier.h"
#include "store/lane/breaker.h"
#include "store/lane/placement.h"

namespace fovea {

class NodeLane {
 public:
  struct Options {
    Fetching fetching = Fetching::measured;
    TransferTime::Guess transfer;
    std::uint64_t queue_bytes_max = std::uint64_t{256} << 20;  // WriteBehindOptions
  };
  NodeLane(Timeline& timeline, SimulatedTier& tier, const Options& options);

  TierKind kind() const { return tier_.kind(); }

  struct Hit {
    double cost_ms;
    std::uint64_t bytes;
  };
  // nullopt where it is not there, or not worth asking, or the tier fails.
  Task<std::optional<Hit>> find(StoredEntry entry);
  // Takes `entry` to be written, if it is worth it.
  void offer(const StoredEntry& entry);

  // As TierLane: a hit; or how long another node takes at most; or neither, and the value is this node's.
  struct LeaseAnswer {
    std::optional<Hit> hit;
    std::optional<double> wait_ms;
  };
  Task<LeaseAnswer> acquire_lease(StoredEntry entry);
  void release_lease(std::uint64_t key);
  // The node died: nothing is asked or written from now on.
  void stop() { stopped_ = true; }

  // How long an entry of `kind` is likely to take to come.
  double fetch_ms(RecordKind kind) const { return placement_.fetch_ms(kind, 1); }

  // By RecordKind.
  struct Counts {
    std::uint64_t lookups = 0, hits = 0, skipped = 0, failed = 0;
  };
  const Counts& counts(RecordKind kind) const { return counts_[static_cast<std::size_t>(kind) - 1]; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t times_opened() const { return reading_.times_opened() + writing_.times_opened(); }
  // What waits to be written.
  std::size_t queued() const { return queue_.size(); }

 private:
  bool asks(RecordKind kind);
  double limit_ms(RecordKind kind) const;
  Task<std::optional<Hit>> ask(StoredEntry entry);
  Task<void> write_all();

  Timeline& timeline_;
  SimulatedTier& tier_;
  const Options options_;
  Placement placement_;
  Breaker reading_, writing_;
  std::array<Counts, record_kinds> counts_{};
  std::deque<StoredEntry> queue_;
  std::uint64_t queue_bytes_ = 0, dropped_ = 0;
  bool writing_now_ = false, stopped_ = false;
};

}  // namespace fovea
