#include "serve/http/connection/socket_output.h"

#include <sys/socket.h>

#include <cerrno>
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
    const int more = pieces_.size() > 1 ? MSG_MORE : 0;
    const ssize_t count = send(socket_, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL | more);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Written::some : Written::broken;
    const auto sent = static_cast<std::size_t>(count);
    pace_.last_ms = Clock::steady().now_ms();
    front_sent_ += sent;
    size_ -= sent;
    sent_ += sent;
    if (front_sent_ < pieces_.front().size()) continue;
    pieces_.pop_front();
    front_sent_ = 0;
  }
  return Written::all;
}

void SocketOutput::clear() {
  pieces_.clear();
  front_sent_ = size_ = 0;
}

}  // namespace fovea::serve
