#include "serve/http/connection/reply_mailbox.h"

namespace fovea::serve {

namespace {

constexpr std::size_t unsent_bytes_max = 1 << 20;  // of a body, before whoever may wait for its client does

}  // namespace

ReplyMailbox::Mail ReplyMailbox::take() {
  MutexLock lock(mutex_);
  told_ = false;
  unsent_ += mail_.pieces.size();
  return std::exchange(mail_, {});
}

void ReplyMailbox::set_unsent(std::size_t bytes) {
  bool room_came = false;
  {
    MutexLock lock(mutex_);
    const bool had_room = has_room();
    unsent_ = bytes;
    room_came = !had_room && has_room();
  }
  if (room_came) room_came_.notify_all();
}

void ReplyMailbox::client_left() {
  {
    MutexLock lock(mutex_);
    client_gone_ = true;
  }
  room_came_.notify_all();
}

bool ReplyMailbox::wait_for_room(const std::stop_token& stop) {
  MutexLock lock(mutex_);
  room_came_.wait(mutex_, stop, [this]() FOVEA_REQUIRES(mutex_) { return client_gone_ || has_room(); });
  return !client_gone_ && !stop.stop_requested();
}

bool ReplyMailbox::has_room() const { return mail_.pieces.size() + unsent_ <= unsent_bytes_max; }

}  // namespace fovea::serve
