// OpenSSL reads and writes the socket through functions of ours: its own would let a client that has left end
// this process by SIGPIPE.
#include "serve/http/tls/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace fovea::serve {

namespace {

int socket_of(BIO* bio) { return *static_cast<const int*>(BIO_get_data(bio)); }

bool is_to_come() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read_socket(BIO* bio, char* room, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  *count = 0;
  const ssize_t received = recv(socket_of(bio), room, size, MSG_DONTWAIT);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  if (received < 0 && is_to_come()) BIO_set_retry_read(bio);
  if (received <= 0) return 0;
  *count = static_cast<std::size_t>(received);
  return 1;
}

int write_socket(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  *count = 0;
  const ssize_t sent = send(socket_of(bio), bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && is_to_come()) BIO_set_retry_write(bio);
  if (sent < 0) return 0;
  *count = static_cast<std::size_t>(sent);
  return 1;
}

long control_socket(BIO* bio, int command, long /*number*/, void* /*argument*/) {
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // nothing is kept back
}

// Null where there is no memory.
const BIO_METHOD* socket_method() {
  static const Owned<BIO_METHOD, BIO_meth_free> method = [] {
    Owned<BIO_METHOD, BIO_meth_free> made(BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "client"));
    if (made) {
      BIO_meth_set_read_ex(made.get(), read_socket);
      BIO_meth_set_write_ex(made.get(), write_socket);
      BIO_meth_set_ctrl(made.get(), control_socket);
    }
    return made;
  }();
  return method.get();
}

BIO* bio_over(int& socket) {
  BIO* bio = socket_method() == nullptr ? nullptr : BIO_new(socket_method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace

void free_ssl(SSL* ssl) { SSL_free(ssl); }

TlsSession::TlsSession(Owned<SSL, free_ssl> ssl, int socket) : socket_(socket), ssl_(std::move(ssl)) {
  BIO* bio = ssl_ ? bio_over(socket_) : nullptr;
  if (bio == nullptr) {
    ssl_.reset();
    return;
  }
  SSL_set_bio(ssl_.get(), bio, bio);  // owned by the session from now on
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

Moved TlsSession::greet() {
  if (!ssl_) return Moved::ended;
  ERR_clear_error();
  return result(SSL_do_handshake(ssl_.get()));
}

Moved TlsSession::receive(std::span<char> room, std::size_t& count) {
  count = 0;
  if (!ssl_) return Moved::ended;
  ERR_clear_error();
  return result(SSL_read_ex(ssl_.get(), room.data(), room.size(), &count));
}

Moved TlsSession::result(int done) {
  waits_to_write_ = false;
  if (done == 1) return Moved::some;
  switch (SSL_get_error(ssl_.get(), done)) {
    case SSL_ERROR_WANT_READ:
      return Moved::none;
    case SSL_ERROR_WANT_WRITE:
      waits_to_write_ = true;
      return Moved::none;
    default:
      return Moved::ended;
  }
}

// It never waits for the client to send: behind the handshake there is no other (no renegotiation).
Moved TlsSession::send(std::string_view bytes, std::size_t& count) {
  count = 0;
  if (!ssl_) return Moved::ended;
  ERR_clear_error();
  const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  if (done == 1) return Moved::some;
  return SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_WRITE ? Moved::none : Moved::ended;
}

bool TlsSession::end() {
  if (!ssl_ || SSL_is_init_finished(ssl_.get()) == 0) return true;
  ERR_clear_error();
  const int done = SSL_shutdown(ssl_.get());
  return done >= 0 || SSL_get_error(ssl_.get(), done) != SSL_ERROR_WANT_WRITE;
}

bool TlsSession::has_unread() const { return ssl_ && SSL_has_pending(ssl_.get()) == 1; }

}  // namespace fovea::serve
