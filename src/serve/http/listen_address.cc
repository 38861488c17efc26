// The socket listens before anybody is told so, and its port is then asked of the kernel: no client can come
// too early, and no other process can take a free port in between.
#include "serve/http/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <utility>

namespace fovea::serve {

namespace {

// An address of either family, as the socket calls take it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;

  sockaddr* any() { return reinterpret_cast<sockaddr*>(&storage); }
  bool is_ipv6() const { return storage.ss_family == AF_INET6; }
  std::uint16_t port() const {
    return ntohs(is_ipv6() ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                           : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  }
  // False where `host` is no IP address.
  bool set(const std::string& host, std::uint16_t port) {
    auto& four = reinterpret_cast<sockaddr_in&>(storage);
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    if (inet_pton(AF_INET, host.c_str(), &four.sin_addr) == 1) {
      four.sin_family = AF_INET;
      four.sin_port = htons(port);
      length = sizeof four;
      return true;
    }
    if (inet_pton(AF_INET6, host.c_str(), &six.sin6_addr) != 1) return false;
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    length = sizeof six;
    return true;
  }
};

}  // namespace

Result<Listening> Listening::on(const std::string& host, std::uint16_t port) {
  SocketAddress address;
  if (!address.set(host, port))
    return fail(Fault::invalid,
                std::format("--host {}: this is no IP address; write 127.0.0.1, 0.0.0.0 or ::1, say", host));
  Listening listening(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), 0);
  const int reuse = 1;  // or a port that was just closed would seem to be in use
  setsockopt(listening.socket_, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool listens = listening.socket_ >= 0 && bind(listening.socket_, address.any(), address.length) == 0 &&
                       listen(listening.socket_, SOMAXCONN) == 0 &&
                       getsockname(listening.socket_, address.any(), &address.length) == 0;
  if (!listens)
    return fail(Fault::unavailable, std::format("{}:{} cannot be listened on: {}", host, port, std::strerror(errno)));
  listening.port_ = address.port();
  return listening;
}

Listening::~Listening() {
  if (socket_ >= 0) close(socket_);
}

Listening::Listening(Listening&& other) noexcept : socket_(std::exchange(other.socket_, -1)), port_(other.port_) {}

int Listening::release() { return std::exchange(socket_, -1); }

}  // namespace fovea::serve
