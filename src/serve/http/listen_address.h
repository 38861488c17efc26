// Listening: a socket that listens on an address.
#pragma once

#include <cstdint>
#include <string>

#include "fovea/result.h"

namespace fovea::serve {

class Listening {
 public:
  // Connections are accepted by the kernel once this returns. Port 0 is any free one. Faults: invalid, where
  // `host` is no IP address; unavailable, where the address or port cannot be listened on (in use, not this
  // machine's, no permission).
  static Result<Listening> on(const std::string& host, std::uint16_t port);

  ~Listening();
  Listening(Listening&& other) noexcept;
  Listening& operator=(Listening&&) = delete;

  std::uint16_t port() const { return port_; }
  // The socket, which the caller closes from now on.
  int release();

 private:
  Listening(int socket, std::uint16_t port) : socket_(socket), port_(port) {}

  int socket_;
  std::uint16_t port_;
};

}  // namespace fovea::serve
