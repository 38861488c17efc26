// TlsClient: the other side of a TlsSession, for tests: a client that believes any certificate and never
// waits. Borrows the socket. For one thread.
#pragma once

#include <openssl/ssl.h>

#include <array>
#include <string>
#include <string_view>

#include "base/owned.h"

namespace fovea::serve::test {

class TlsClient {
 public:
  explicit TlsClient(int socket, int version_max = 0, std::string_view protocols = {}) {
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), socket);
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                        static_cast<unsigned>(protocols.size()));
    SSL_set_connect_state(ssl_.get());
  }

  // Whether the handshake is done.
  bool greet() { return SSL_do_handshake(ssl_.get()) == 1; }
  // How many of the bytes the socket took.
  std::size_t send(std::string_view bytes) {
    std::size_t all = 0, count = 0;
    while (all < bytes.size() && SSL_write_ex(ssl_.get(), bytes.data() + all, bytes.size() - all, &count) == 1)
      all += count;
    return all;
  }
  // What is there.
  std::string received() {
    std::string all;
    std::array<char, 1 << 14> bytes;
    for (std::size_t count = 0; SSL_read_ex(ssl_.get(), bytes.data(), bytes.size(), &count) == 1;)
      all.append(bytes.data(), count);
    return all;
  }
  // Whether the server said that it sends nothing more.
  bool was_told_the_end() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }
  void say_the_end() { SSL_shutdown(ssl_.get()); }

  std::string version() const { return SSL_get_version(ssl_.get()); }
  std::string suite() const { return SSL_get_cipher_name(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  SSL* ssl() { return ssl_.get(); }

 private:
  static void free_context(SSL_CTX* context) { SSL_CTX_free(context); }
  static void free_session(SSL* ssl) { SSL_free(ssl); }

  Owned<SSL_CTX, free_context> context_{SSL_CTX_new(TLS_client_method())};
  Owned<SSL, free_session> ssl_;
};

}  // namespace fovea::serve::test
