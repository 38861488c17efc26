#include "serve/http/connection/socket_input.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace fovea::serve {

namespace {

constexpr std::size_t read_bytes = 16 << 10;  // at once, where no body has its own memory

}  // namespace

SocketInput::Read SocketInput::read() {
  std::array<char, read_bytes> bytes;
  std::size_t count = 0;
  const Read result = receive(bytes, count);
  bytes_.append(bytes.data(), count);
  return result;
}

SocketInput::Read SocketInput::read_into(std::span<char> room, std::size_t& count) {
  if (bytes_.empty()) return receive(room, count);
  count = bytes_.copy(room.data(), room.size());
  use(count);
  return Read::some;
}

// Fewer bytes than fit are all there were.
SocketInput::Read SocketInput::receive(std::span<char> room, std::size_t& count) {
  count = 0;
  if (ended_) return Read::ended;
  if (!readable_) return Read::none;
  const ssize_t received = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
  readable_ = received == static_cast<ssize_t>(room.size());
  if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Read::none;
  ended_ = received <= 0;
  if (ended_) return Read::ended;
  count = static_cast<std::size_t>(received);
  return Read::some;
}

}  // namespace fovea::serve
