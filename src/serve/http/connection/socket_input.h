// SocketInput: what a client has sent and nobody has used yet.
//
// It reads without waiting, and only where the socket is known to have something. What is read straight into
// other memory is not kept here, so a connection that says nothing has no buffer. For one thread. Borrows the
// transport.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "serve/http/connection/transport.h"

namespace fovea::serve {

class SocketInput {
 public:
  using Read = Moved;

  explicit SocketInput(Transport& transport) : transport_(transport) {}

  // The socket has something to read, or has ended.
  void now_readable() { readable_ = true; }
  // Nothing is expected now: whoever waits for the socket is told at once where there is something after all.
  void seems_read() { readable_ = transport_.has_unread(); }
  // Whether the next read may find something without waiting for the socket.
  bool may_have_more() const { return readable_ && !ended_; }

  // Reads once, behind bytes().
  Read read();
  // Moves bytes() into `room`, or where there are none, reads once into it. `count`: of the bytes that came.
  Read read_into(std::span<char> room, std::size_t& count);

  std::string_view bytes() const { return bytes_; }
  void use(std::size_t count) { bytes_.erase(0, count); }
  // Gives the memory back, with all that is in it.
  void drop() { bytes_ = std::string(); }
  // Whether the client was seen to end, so that nothing comes any more.
  bool ended() const { return ended_; }

 private:
  Read receive(std::span<char> room, std::size_t& count);

  Transport& transport_;
  std::string bytes_;
  bool readable_ = false, ended_ = false;
};

}  // namespace fovea::serve
