// PurgeFollower: carries out in this process what others purged from the tier that they share: in the memory
// of its stores, and in the tiers that are nearer.
//
// An uploaded file that was deleted is erased from the nearer tiers by its key: a disk would have to remember
// a label, and some clients delete every file that they upload.
//
// It reads the shared tier's log of purges, once when it is made and then again and again on a thread of its
// own. A tier that outlives the process remembers how far that came. Where the log does not reach back so
// far, all that is kept here may be stale, and is purged. While the log cannot be read, all goes on, and is
// caught up with later. Thread-safe. Does not own the tiers, which must outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "store/lane/tier_lane.h"
#include "store/purge_label.h"
#include "store/purge_log.h"
#include "store/wait_limits.h"

namespace fovea {

struct PurgeFollowerOptions {
  std::chrono::milliseconds pause{1000};       // between two looks into the log
  std::chrono::milliseconds first_wait{1000};  // of who makes it: for what was purged while it was down
  // Told when everything had to be purged. On any thread.
  std::function<void(std::string_view sentence)> tell;
};

class PurgeFollower {
 public:
  // Follows the log of the last of `tiers` that has one; does nothing where none has.
  explicit PurgeFollower(const Tiers& tiers, PurgeFollowerOptions options = {});
  ~PurgeFollower() = default;
  PurgeFollower(const PurgeFollower&) = delete;
  PurgeFollower& operator=(const PurgeFollower&) = delete;

 private:
  void run(const std::stop_token& stop);
  void follow(const WaitLimits& limits);
  void take(const PurgeLog::News& news);
  void purge_here(std::span<const PurgeLabel> labels);
  void note_position();

  const PurgeFollowerOptions options_;
  std::span<const std::unique_ptr<TierLane>> nearer_;  // than the one with the log
  TierLane* shared_ = nullptr;                         // the one with the log
  PurgeLog* log_ = nullptr;
  std::string position_;    // behind what was carried out here; "" before the log was reached
  std::string noted_;       // the position that the nearer tiers know
  bool came_late_ = false;  // the log could not be reached when this was made
  std::jthread thread_;     // last: it uses the rest
};

}  // namespace fovea
