#include "serve/http/connection/socket_output.h"

#include <string_view>
#include <utility>

#include "base/clock.h"

namespace fovea::serve {

void SocketOutput::push(std::string bytes) {
  if (empty()) {
    const double now_ms = Clock::steady().now_ms();
    pace_ = {.since_ms = now_ms, .last_ms = now_ms};
    sent_ = 0;
  }
  size_ += bytes.size();
  pieces_.push_back(std::move(bytes));
}

SocketOutput::Written SocketOutput::write() {
  while (!empty()) {
    const std::string_view rest = std::string_view(pieces_.front()).substr(front_sent_);
    std::size_t sent = 0;
    const Moved moved = transport_.send(rest, pieces_.size() > 1, sent);
    if (moved != Moved::some) return moved == Moved::none ? Written::some : Written::broken;
    pace_.last_ms = Clock::steady().now_ms();
    front_sent_ += sent;
    size_ -= sent;
    sent_ += sent;
    if (front_sent_ < pieces_.front().size()) continue;
    pieces_.pop_front();
    front_sent_ = 0;
  }
  if (ends_ && !transport_.end()) return Written::some;
  ends_ = false;
  return Written::all;
}

void SocketOutput::clear() {
  pieces_.clear();
  front_sent_ = size_ = 0;
  ends_ = false;
}

}  // namespace fovea::serve
