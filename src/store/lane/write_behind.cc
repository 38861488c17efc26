// The entry that is being written is neither in the queue nor in the tier for certain, so a purge that comes
// meanwhile cannot take it out of either. It withdraws the entry, and the tier does not keep it where it has
// not done so yet. The thread removes what it wrote all the same. A purge never waits for a write.
#include "store/lane/write_behind.h"

#include <algorithm>
#include <utility>

#include "base/background_thread.h"

namespace fovea {

WriteBehind::WriteBehind(Writer& writer, WriteBehindOptions options)
    : writer_(writer), options_(options), thread_([this](const std::stop_token& stop) { run(stop); }) {}

WriteBehind::~WriteBehind() {
  thread_.request_stop();
  thread_.join();
}

bool WriteBehind::push(RecordKind kind, TierEntry entry) {
  {
    MutexLock lock(mutex_);
    const std::uint64_t bytes = entry.record.size();
    if (tasks_.size() >= options_.entries_max || bytes > options_.bytes_max - std::min(bytes_, options_.bytes_max)) {
      ++dropped_;
      return false;
    }
    bytes_ += bytes;
    tasks_.push_back({kind, std::move(entry)});
  }
  pushed_.notify_one();
  return true;
}

template <typename IsMeant>
void WriteBehind::remove_if(const IsMeant& is_meant) {
  std::erase_if(tasks_, [&](const Task& task) FOVEA_REQUIRES(mutex_) {
    if (!is_meant(task)) return false;
    bytes_ -= task.entry.record.size();
    return true;
  });
  if (writing_ && is_meant(*writing_)) withdrawn_ = true;
}

void WriteBehind::purge(const PurgeLabel& label) {
  MutexLock lock(mutex_);
  remove_if([&](const Task& task) { return label.covers(task.entry); });
}

void WriteBehind::erase(RecordKind kind, std::span<const Key> keys) {
  MutexLock lock(mutex_);
  remove_if([&](const Task& task) { return task.kind == kind && std::ranges::contains(keys, task.entry.key); });
}

std::optional<WriteBehind::Removing> WriteBehind::removing() const {
  MutexLock lock(mutex_);
  if (!writing_ || !withdrawn_) return std::nullopt;
  return Removing{writing_->kind, writing_->entry.key};
}

bool WriteBehind::flush(std::chrono::steady_clock::time_point deadline) {
  MutexLock lock(mutex_);
  while (!tasks_.empty() || writing_) {
    if (written_.wait_until(mutex_, deadline) == std::cv_status::timeout && (!tasks_.empty() || writing_)) return false;
  }
  return true;
}

WriteBehindStats WriteBehind::stats() const {
  MutexLock lock(mutex_);
  return {static_cast<std::uint32_t>(tasks_.size() + (writing_ ? 1 : 0)), bytes_, dropped_};
}

void WriteBehind::run(const std::stop_token& stop) {
  run_in_background();
  for (;;) {
    Task task;
    {
      MutexLock lock(mutex_);
      pushed_.wait(mutex_, stop, [this]() FOVEA_REQUIRES(mutex_) { return !tasks_.empty(); });
      if (stop.stop_requested()) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
      bytes_ -= task.entry.record.size();
      withdrawn_ = false;
      task.entry.withdrawn = &withdrawn_;
      writing_ = task;
    }
    writer_.write(task.kind, task.entry);
    if (!finish_writing()) {
      writer_.remove(task.kind, task.entry.key);
      MutexLock lock(mutex_);
      writing_.reset();
    }
    written_.notify_all();
  }
}

// False where what was written has to be removed.
bool WriteBehind::finish_writing() {
  MutexLock lock(mutex_);
  if (withdrawn_) return false;
  writing_.reset();
  return true;
}

}  // namespace fovea
