// Stream: bytes to and from one server over TCP or TLS, without ever waiting: every call does what can be
// done now.
//
// Owns its socket. Not thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tier/valkey/wire/name_lookup.h"
#include "tier/valkey/wire/tls.h"

namespace fovea::valkey {

class Stream {
 public:
  // Connects to the first of `addresses` that accepts; speaks TLS where there is a context.
  Stream(Endpoint endpoint, std::vector<SocketAddress> addresses, std::shared_ptr<const TlsContext> tls);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // Goes on connecting. True once there is a connection; before that nothing can be moved.
  // Faults: unavailable, where nobody accepts.
  Result<bool> connect();

  // How many of the bytes went; 0 = none at present. Faults: unavailable (closed, broken, or not to be
  // believed).
  Result<std::size_t> write_some(std::span<const std::byte> bytes);
  // How many bytes came; 0 = none at present. REQUIRES: room. Faults: as above.
  Result<std::size_t> read_some(std::span<std::byte> room);

  int descriptor() const { return socket_; }
  // What to poll the descriptor for before the next call.
  short events(bool has_output) const;
  // TLS holds bytes for which polling would wait in vain.
  bool has_buffered() const;

 private:
  bool begin_connecting();  // to the next address; false where it failed at once
  Result<bool> connected();
  void close_socket();
  std::unexpected<Error> broken(int error) const;
  Result<std::size_t> tls_result(int done, std::size_t moved, bool writing);

  const Endpoint endpoint_;
  const std::vector<SocketAddress> addresses_;
  const std::shared_ptr<const TlsContext> tls_;
  std::size_t next_address_ = 0;
  int socket_ = -1;
  bool connected_ = false;
  int connect_error_ = 0;
  Owned<SSL, free_ssl> ssl_;
  bool write_wants_read_ = false;  // TLS: its handshake goes in both directions
  bool read_wants_write_ = false;
};

}  // namespace fovea::valkey
