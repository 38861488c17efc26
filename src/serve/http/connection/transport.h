// Transport: bytes to and from one client over its socket, in the clear or over TLS, without ever waiting.
//
// For one thread. Borrows the socket, which it does not close.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "serve/http/tls/tls_session.h"

namespace fovea::serve {

class ServerCertificate;

class Transport {
 public:
  // Over TLS where there is a certificate.
  explicit Transport(int socket, const ServerCertificate* certificate = nullptr);

  enum class Greeting : std::uint8_t {
    done,
    waits,  // for the client
    plain,  // the client does not speak TLS: what is sent and received from now on is in the clear
    ended,
  };
  // Goes on with the handshake, before anything else. In the clear there is none.
  Greeting greet();

  // Reads at most so much. REQUIRES: room.
  Moved receive(std::span<char> room, std::size_t& count);
  // Writes some of the bytes; `more` are to follow. After Moved::none it is called again with the same ones.
  // REQUIRES: bytes.
  Moved send(std::string_view bytes, bool more, std::size_t& count);
  // Tells the client that nothing more is sent. False where the socket must take more first.
  bool end();

  bool is_tls() const { return tls_ != nullptr; }
  // What to wait for before greet() or receive() is called again: that the socket takes more, or that it has
  // something.
  bool waits_to_write() const { return tls_ && tls_->waits_to_write(); }
  // Whether receive() has bytes of which the socket does not tell.
  bool has_unread() const { return tls_ && tls_->has_unread(); }

 private:
  const int socket_;
  std::unique_ptr<TlsSession> tls_;  // null: in the clear
  bool spoke_ = false;               // the client, its first byte
};

}  // namespace fovea::serve
