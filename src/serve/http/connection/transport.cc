// A client that speaks plain HTTP to a server of TLS is known by its first byte, which is looked at and left
// in the socket.
#include "serve/http/connection/transport.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "serve/http/tls/server_certificate.h"

namespace fovea::serve {

namespace {

constexpr char handshake_record = 0x16;  // how each client of TLS begins (RFC 8446, 5.1)

bool is_to_come() { return errno == EAGAIN || errno == EWOULDBLOCK; }

}  // namespace

Transport::Transport(int socket, const ServerCertificate* certificate)
    : socket_(socket), tls_(certificate == nullptr ? nullptr : certificate->begin(socket)) {}

Transport::Greeting Transport::greet() {
  if (!tls_) return Greeting::done;
  if (!spoke_) {
    char first = 0;
    const ssize_t count = recv(socket_, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count < 0 && (is_to_come() || errno == EINTR)) return Greeting::waits;
    if (count <= 0) return Greeting::ended;
    spoke_ = true;
    if (first != handshake_record) return tls_.reset(), Greeting::plain;
  }
  switch (tls_->greet()) {
    case Moved::some:
      return Greeting::done;
    case Moved::none:
      return Greeting::waits;
    case Moved::ended:
      return Greeting::ended;
  }
  std::unreachable();
}

Moved Transport::receive(std::span<char> room, std::size_t& count) {
  if (tls_) return tls_->receive(room, count);
  count = 0;
  const ssize_t received = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
  if (received < 0 && (is_to_come() || errno == EINTR)) return Moved::none;
  if (received <= 0) return Moved::ended;
  count = static_cast<std::size_t>(received);
  return Moved::some;
}

Moved Transport::send(std::string_view bytes, bool more, std::size_t& count) {
  if (tls_) return tls_->send(bytes, count);
  count = 0;
  ssize_t sent = 0;
  do sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return is_to_come() ? Moved::none : Moved::ended;
  count = static_cast<std::size_t>(sent);
  return Moved::some;
}

bool Transport::end() {
  if (tls_ && !tls_->end()) return false;
  shutdown(socket_, SHUT_WR);
  return true;
}

}  // namespace fovea::serve
