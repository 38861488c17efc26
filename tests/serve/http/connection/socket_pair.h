// SocketPair: a connection whose two ends are both here: the server's and the client's. Owns the sockets. For
// one thread.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "serve/http/connection/transport.h"

namespace fovea::serve::test {

class SocketPair {
 public:
  SocketPair() = default;
  ~SocketPair() {
    close(ends_[0]);
    leave();
  }
  SocketPair(const SocketPair&) = delete;
  SocketPair& operator=(const SocketPair&) = delete;

  Transport& server() { return server_; }
  int server_socket() const { return ends_[0]; }
  int client_socket() const { return ends_[1]; }  // until it leaves

  // As the client. Whether all of it fits the socket.
  bool send(std::string_view bytes) const {
    return ::send(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // What is there for the client.
  std::string received() const {
    std::string all;
    std::array<char, 1 << 16> bytes;
    for (ssize_t count = 0; (count = recv(ends_[1], bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0;)
      all.append(bytes.data(), static_cast<std::size_t>(count));
    return all;
  }
  void leave() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  static std::array<int, 2> connected() {
    std::array<int, 2> ends{-1, -1};
    [[maybe_unused]] const int done = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data());
    return ends;
  }

  std::array<int, 2> ends_ = connected();
  Transport server_{ends_[0]};
};

}  // namespace fovea::serve::test
