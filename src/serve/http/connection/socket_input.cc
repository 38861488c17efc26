#include "serve/http/connection/socket_input.h"

#include <array>

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

// In the clear, fewer bytes than fit are all there were.
SocketInput::Read SocketInput::receive(std::span<char> room, std::size_t& count) {
  count = 0;
  if (ended_) return Read::ended;
  if (!readable_) return Read::none;
  const Read received = transport_.receive(room, count);
  readable_ = received == Read::some && (count == room.size() || transport_.is_tls());
  ended_ = received == Read::ended;
  return received;
}

}  // namespace fovea::serve
