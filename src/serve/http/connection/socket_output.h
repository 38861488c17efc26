// SocketOutput: what is to be sent to a client and was not yet. It writes without waiting. For one thread.
// Borrows the transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

#include "serve/http/connection/transfer_pace.h"
#include "serve/http/connection/transport.h"

namespace fovea::serve {

class SocketOutput {
 public:
  enum class Written { all, some, broken };

  explicit SocketOutput(Transport& transport) : transport_(transport) {}

  // `bytes` are not empty.
  void push(std::string bytes);
  // Nothing is pushed behind this: the client is told so once all is written.
  void end() { ends_ = true; }
  // As much as the socket takes; `broken` where the client cannot be reached any more.
  Written write();
  void clear();

  bool empty() const { return pieces_.empty(); }
  std::size_t size() const { return size_; }
  // Whether the client reads so slowly that it does not count as there.
  bool too_slow(double now_ms) const { return !empty() && pace_.too_slow(now_ms, sent_); }

 private:
  Transport& transport_;
  std::deque<std::string> pieces_;
  std::size_t front_sent_ = 0;  // of the first piece
  std::size_t size_ = 0;        // what is left of all of them
  TransferPace pace_;           // since there is output
  std::uint64_t sent_ = 0;      // since then
  bool ends_ = false;           // and the client was not told
};

}  // namespace fovea::serve
