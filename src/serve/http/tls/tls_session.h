// TlsSession: the server's side of TLS with one client, over the client's socket, without ever waiting.
//
// For one thread. Owns what OpenSSL keeps of the session. Borrows the socket.
#pragma once

#include <openssl/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/owned.h"

namespace fovea::serve {

// What came of moving bytes: some moved, none can at present, or none will any more.
enum class Moved : std::uint8_t { some, none, ended };

void free_ssl(SSL* ssl);

class TlsSession {
 public:
  // Null for `ssl`: a session that has ended.
  TlsSession(Owned<SSL, free_ssl> ssl, int socket);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // Goes on with the handshake. `some`: it is done, and bytes can be moved.
  Moved greet();

  // At most one record's bytes. What was read may lie here and no more in the socket: only behind `none` does
  // the socket tell when there is more. REQUIRES: room.
  Moved receive(std::span<char> room, std::size_t& count);
  // Part of the bytes; after `none` it is called again with the same ones. REQUIRES: bytes.
  Moved send(std::string_view bytes, std::size_t& count);
  // Tells the client that nothing more is sent. False where the socket must take more first.
  bool end();

  // Whether greet() and receive(), behind `none`, can go on once the socket takes more, and not once it has
  // something.
  bool waits_to_write() const { return waits_to_write_; }
  // Whether something was read from the socket that receive() has not given out.
  bool has_unread() const;

 private:
  Moved result(int done);

  int socket_;  // OpenSSL has its address
  Owned<SSL, free_ssl> ssl_;
  bool waits_to_write_ = false;
};

}  // namespace fovea::serve
