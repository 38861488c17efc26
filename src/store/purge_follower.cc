// What was purged is in the log only when the shared tier does not find it any more. So a look-up that
// begins behind that can find it in a nearer tier alone. Memory is purged before the nearer tiers are,
// since a look-up that began earlier must not put into those what it found; and once more behind them, for
// what was found in those meanwhile.
//
// The position is noted when nothing of what was read before it still waits to be removed. What was carried
// out and not noted is carried out again after a restart, which loses cache and no more.
//
// Without a position there is nothing to go on from: a process that begins so, with the log at hand, has kept
// nothing of the others yet. Where it reached the log only later, it may have.
#include "store/purge_follower.h"

#include <algorithm>
#include <condition_variable>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace fovea {

namespace {

constexpr int pages_max = 1000;  // in one look; a log is shorter, and a server that lies has an end here
constexpr std::chrono::seconds look_wait{5};

}  // namespace

PurgeFollower::PurgeFollower(const Tiers& tiers, PurgeFollowerOptions options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    PurgeLog* const log = tiers[i]->tier().purge_log();
    if (log == nullptr) continue;
    nearer_ = std::span(tiers).first(i);
    shared_ = tiers[i].get();
    log_ = log;
  }
  if (log_ == nullptr) return;
  for (const auto& tier : nearer_) {
    if (auto followed = tier->tier().purges_followed(); !followed.empty()) position_ = std::move(followed);
  }
  noted_ = position_;
  follow({.stop = {}, .deadline = std::chrono::steady_clock::now() + options_.first_wait});
  came_late_ = position_.empty();
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PurgeFollower::run(const std::stop_token& stop) {
  Mutex mutex;
  std::condition_variable_any stopped;
  for (;;) {
    {
      MutexLock lock(mutex);
      stopped.wait_for(mutex, stop, options_.pause, [&] { return stop.stop_requested(); });
    }
    if (stop.stop_requested()) return;
    follow({.stop = stop, .deadline = std::chrono::steady_clock::now() + look_wait});
    // There may be no write before which they would be tried.
    for (const auto& tier : nearer_) tier->retry_removals();
    shared_->retry_removals();
    note_position();
  }
}

// Up to the log's end, or as far as it can be read now.
void PurgeFollower::follow(const WaitLimits& limits) {
  for (int page = 0; page < pages_max; ++page) {
    const auto news = log_->after(position_, limits);
    if (!news) return;
    take(*news);
    if (!news->more) return;
  }
}

void PurgeFollower::take(const PurgeLog::News& news) {
  std::vector<PurgeLabel> labels;
  if (news.lost || came_late_) {
    labels = {PurgeLabel::of_everything()};
    if (options_.tell)
      options_.tell("what other processes purged cannot be told any more, so all that was kept here is purged");
  } else {
    // One purge is several here: each level's store carries it out.
    for (const PurgeLabel& label : news.labels) {
      if (!std::ranges::contains(labels, label)) labels.push_back(label);
    }
  }
  came_late_ = false;
  if (!labels.empty()) purge_here(labels);
  position_ = news.position;
  note_position();
}

void PurgeFollower::purge_here(std::span<const PurgeLabel> labels) {
  std::vector<PurgeLabel> purged;
  std::vector<Key> files;
  for (const PurgeLabel& label : labels) {
    if (label.is_file && label.image)
      files.push_back(*label.image);
    else
      purged.push_back(label);
  }
  shared_->withdraw(labels);
  shared_->listeners().tell(labels);
  for (const auto& tier : nearer_) {
    if (!purged.empty()) tier->purge(purged);
    if (!files.empty()) tier->erase(RecordKind::file, files);
  }
  shared_->listeners().tell(labels);
}

void PurgeFollower::note_position() {
  if (noted_ == position_) return;
  for (const auto& tier : nearer_) {
    if (!tier->has_removed_all() || !tier->tier().note_purges_followed(position_)) return;
  }
  noted_ = position_;
}

}  // namespace fovea
