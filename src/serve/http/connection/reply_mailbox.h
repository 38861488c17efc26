// ReplyMailbox: what the threads of handlers leave for their connection to send, until its loop takes it.
// Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "base/mutex.h"
#include "serve/exchange.h"

namespace fovea::serve {

class ReplyMailbox {
 public:
  // As the functions of Client give it.
  struct Mail {
    std::optional<Reply> whole, begun;
    std::string pieces;
    bool ended = false, aborted = false;
  };

  // Calls `leave` with what was left so far. True where the loop must be told that there is something.
  template <typename Leave>
  bool put(Leave leave) {
    MutexLock lock(mutex_);
    leave(mail_);
    return !std::exchange(told_, true);
  }

  // For the loop's thread: all that was left, and how many bytes of it were not sent yet.
  Mail take();
  void set_unsent(std::size_t bytes);
  void client_left();

  bool client_gone() const { return client_gone_; }
  // As BodyStream::wait_for_room(). `stop` ends it.
  bool wait_for_room(const std::stop_token& stop);

 private:
  bool has_room() const FOVEA_REQUIRES(mutex_);

  std::atomic<bool> client_gone_ = false;
  Mutex mutex_;
  std::condition_variable_any room_came_;
  Mail mail_ FOVEA_GUARDED_BY(mutex_);
  bool told_ FOVEA_GUARDED_BY(mutex_) = false;
  std::size_t unsent_ FOVEA_GUARDED_BY(mutex_) = 0;  // of what was taken
};

}  // namespace fovea::serve
