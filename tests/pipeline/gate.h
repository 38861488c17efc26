// Gate: where a test holds up those who pass, for as long as it likes; who is held up can be stopped.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

namespace fovea::test {

class Gate {
 public:
  void close() { set(false); }
  void open() { set(true); }

  // Waits while it is closed. False if `stop` was requested by then.
  bool pass(std::stop_token stop) { return go(std::move(stop), true); }
  // The same for one at a time: closes it behind itself.
  bool enter(std::stop_token stop) { return go(std::move(stop), false); }

  // Until so many wait in front of it.
  void wait_for(int crowd) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= crowd; });
  }

 private:
  void set(bool open) {
    {
      const std::lock_guard lock(mutex_);
      open_ = open;
    }
    changed_.notify_all();
  }

  bool go(std::stop_token stop, bool leave_open) {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    const bool gone = changed_.wait(lock, stop, [&] { return open_; }) && !stop.stop_requested();
    if (gone) open_ = leave_open;
    --waiting_;
    return gone;
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool open_ = true;
  int waiting_ = 0;
};

}  // namespace fovea::test
