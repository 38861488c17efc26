// WriteBehind: a bounded queue of entries on their way to a tier, and the thread that writes them, so that no
// answer waits for a write.
//
// What does not fit is dropped and counted. An entry that is purged or erased while it waits is not
// written; one that is being written at that moment is withdrawn, and removed behind its write.
// Thread-safe. The destructor writes nothing more: call flush() before it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <thread>

#include "base/mutex.h"
#include "store/purge_label.h"
#include "store/tier.h"

namespace fovea {

struct WriteBehindOptions {
  std::uint64_t bytes_max = std::uint64_t{256} << 20;  // of records that wait; most lie in memory's level anyway
  std::uint32_t entries_max = 8192;
};

struct WriteBehindStats {
  std::uint32_t entries = 0;  // that wait now
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;  // for which there was no room, since it was made
};

class WriteBehind {
 public:
  // Does the writing, on the queue's thread, one entry at a time.
  class Writer {
   public:
    virtual ~Writer() = default;
    virtual void write(RecordKind kind, const TierEntry& entry) = 0;
    // The entry of `key`, which was written just now, was purged while it was.
    virtual void remove(RecordKind kind, const Key& key) = 0;
  };

  explicit WriteBehind(Writer& writer, WriteBehindOptions options = {});
  ~WriteBehind();
  WriteBehind(const WriteBehind&) = delete;
  WriteBehind& operator=(const WriteBehind&) = delete;

  // False where there is no room for it.
  bool push(RecordKind kind, TierEntry entry);

  // Nothing of these labels, or keys, that was pushed before is there afterwards.
  void purge(const PurgeLabel& label);
  void erase(RecordKind kind, std::span<const Key> keys);

  struct Removing {
    RecordKind kind;
    Key key;
  };
  // The entry that was purged or erased while it was written, until it is removed behind its write.
  std::optional<Removing> removing() const;

  // Waits until all that was pushed is written; false where that was not done by `deadline`.
  bool flush(std::chrono::steady_clock::time_point deadline);

  WriteBehindStats stats() const;

 private:
  struct Task {
    RecordKind kind;
    TierEntry entry;
  };

  void run(const std::stop_token& stop);
  bool finish_writing();
  template <typename IsMeant>
  void remove_if(const IsMeant& is_meant) FOVEA_REQUIRES(mutex_);

  Writer& writer_;
  const WriteBehindOptions options_;
  mutable Mutex mutex_;
  std::condition_variable_any pushed_;
  std::condition_variable_any written_;
  std::deque<Task> tasks_ FOVEA_GUARDED_BY(mutex_);
  std::optional<Task> writing_ FOVEA_GUARDED_BY(mutex_);
  std::atomic<bool> withdrawn_ = false;  // the one that is being written
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::uint64_t dropped_ FOVEA_GUARDED_BY(mutex_) = 0;
  std::jthread thread_;  // last, so that it is joined first
};

}  // namespace fovea
