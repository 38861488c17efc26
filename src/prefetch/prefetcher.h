// Prefetcher: moves pictures that a session is likely to ask for next from the tiers to memory, while the
// machine is idle.
//
// It is told of each request behind its answer, and predicts by a SuccessorTable. It computes nothing,
// changes no key and no answer, and decides nothing but what lies in memory. One thread of its own does all
// of it. Thread-safe; asked() takes microseconds and never waits for a move. Borrows the mover and the clock,
// which outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/mutex.h"
#include "prefetch/asked_request.h"
#include "prefetch/kept_time.h"
#include "prefetch/picture_mover.h"
#include "prefetch/prefetch_account.h"
#include "prefetch/prefetch_counts.h"
#include "prefetch/recent_map.h"
#include "prefetch/successor_table.h"

namespace fovea {

struct PrefetcherOptions {
  SuccessorOptions successors;
  std::size_t told_max = 256;          // requests that wait to be looked at; more are not looked at
  std::size_t queue_max = 64;          // predictions that wait for an idle machine
  double queued_max_ms = 30'000;       // after that, a prediction is old
  double gain_min_ms = 1;              // less than that is no gain to anybody
  std::size_t pictures_max = 1 << 15;  // with their keys; 10 MiB
};

class Prefetcher {
 public:
  // `idle`: whether the machine computes no request now. Called on the thread, and cheap.
  Prefetcher(PictureMover& mover, std::function<bool()> idle, PrefetcherOptions options = {},
             const Clock& clock = Clock::steady());
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  // A request was answered.
  void asked(AskedRequest request);

  PrefetchCounts counts() const;

  // Waits until all that was told is looked at, and all that was predicted is moved or dropped; false where
  // that was not so by `deadline`.
  bool flush(std::chrono::steady_clock::time_point deadline);

 private:
  struct Queued {
    SuccessorTable::Prediction prediction;
    Key scope;
    Key session;
    double since_ms;
  };

  void run(const std::stop_token& stop);
  std::deque<AskedRequest> next_requests(const std::stop_token& stop);
  void look_at(const AskedRequest& request);
  void remember(const AskedRequest& request);
  std::optional<KnownPicture> known(const Key& scope, const Key& session, const Key& picture);
  void drop_prefix(const Queued& queued);
  void enqueue(const Queued& queued);
  void drop_old();
  void move_next(const std::stop_token& stop);
  bool is_worth(const KnownPicture& picture, double confidence);
  enum class Doing : bool { nothing, something };
  void publish(Doing doing);

  PictureMover& mover_;
  const std::function<bool()> idle_;
  const PrefetcherOptions options_;
  const Clock& clock_;

  // Of the thread alone.
  SuccessorTable table_;
  PrefetchAccount account_;
  KeptTime kept_;
  RecentMap<Key> tilings_;   // by scope and picture
  RecentMap<Key> prefixes_;  // by scope, lead and picture
  RecentMap<Key> leads_;     // of the last request of a session, by scope and session
  std::deque<Queued> queue_;
  double ended_old_ms_ = 0;

  mutable Mutex mutex_;
  std::condition_variable_any told_;
  std::condition_variable_any looked_at_;
  std::deque<AskedRequest> requests_ FOVEA_GUARDED_BY(mutex_);
  bool busy_ FOVEA_GUARDED_BY(mutex_) = false;  // something is looked at, queued or moved
  PrefetchCounts counts_ FOVEA_GUARDED_BY(mutex_);
  std::jthread thread_;  // last: it uses the rest
};

}  // namespace fovea
