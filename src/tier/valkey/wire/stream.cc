// A server that closes its side must not end this process by SIGPIPE: MSG_NOSIGNAL sees to it for TCP.
// OpenSSL writes without it, so the signal is blocked around its calls, and taken away if it came.
#include "tier/valkey/wire/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>
#include <utility>

namespace fovea::valkey {

namespace {

class BlockedSigpipe {
 public:
  BlockedSigpipe() {
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~BlockedSigpipe() {
    const timespec now{};
    while (!was_pending_ && sigtimedwait(&pipe_, nullptr, &now) == -1 && errno == EINTR) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  BlockedSigpipe(const BlockedSigpipe&) = delete;
  BlockedSigpipe& operator=(const BlockedSigpipe&) = delete;

 private:
  sigset_t pipe_{}, before_{};
  bool was_pending_ = false;
};

bool is_writable(int socket) {
  pollfd polled{.fd = socket, .events = POLLOUT, .revents = 0};
  return poll(&polled, 1, 0) == 1;
}

}  // namespace

Stream::Stream(Endpoint endpoint, std::vector<SocketAddress> addresses, std::shared_ptr<const TlsContext> tls)
    : endpoint_(std::move(endpoint)), addresses_(std::move(addresses)), tls_(std::move(tls)) {}

Stream::~Stream() { close_socket(); }

void Stream::close_socket() {
  ssl_.reset();
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
}

bool Stream::begin_connecting() {
  const SocketAddress& address = addresses_[next_address_++];
  socket_ = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket_ >= 0 && (::connect(socket_, reinterpret_cast<const sockaddr*>(&address.storage), address.bytes) == 0 ||
                       errno == EINPROGRESS))
    return true;
  connect_error_ = errno;
  close_socket();
  return false;
}

Result<bool> Stream::connect() {
  while (!connected_) {
    if (socket_ < 0) {
      if (next_address_ == addresses_.size())
        return fail(Fault::unavailable, std::format("{} does not accept connections ({}): is the server running?",
                                                    to_string(endpoint_), std::strerror(connect_error_)));
      if (!begin_connecting()) continue;
    }
    if (!is_writable(socket_)) return false;
    socklen_t size = sizeof connect_error_;
    if (getsockopt(socket_, SOL_SOCKET, SO_ERROR, &connect_error_, &size) == 0 && connect_error_ == 0)
      return connected();
    close_socket();
  }
  return true;
}

Result<bool> Stream::connected() {
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(socket_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (tls_) {
    ssl_ = tls_->begin(endpoint_.host);
    if (!ssl_ || SSL_set_fd(ssl_.get(), socket_) != 1)
      return fail(Fault::unavailable, std::format("{}: TLS could not begin: {}", to_string(endpoint_), tls_reason()));
  }
  connected_ = true;
  return true;
}

std::unexpected<Error> Stream::broken(int error) const {
  return fail(Fault::unavailable, std::format("{} closed the connection ({})", to_string(endpoint_),
                                              error == 0 ? "without a word" : std::strerror(error)));
}

// What came of an OpenSSL call that returned `done` and moved so many bytes.
Result<std::size_t> Stream::tls_result(int done, std::size_t moved, bool writing) {
  (writing ? write_wants_read_ : read_wants_write_) = false;
  if (done == 1) return moved;
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), done)) {
    case SSL_ERROR_WANT_READ:
      if (writing) write_wants_read_ = true;
      return 0;
    case SSL_ERROR_WANT_WRITE:
      if (!writing) read_wants_write_ = true;
      return 0;
    case SSL_ERROR_ZERO_RETURN:
      return broken(0);
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      return broken(system_error);
    default:
      break;
  }
  const long verified = SSL_get_verify_result(ssl_.get());
  const std::string reason = tls_reason();
  return fail(
      Fault::unavailable,
      std::format("{}: TLS failed ({}): check the server's certificate, its name and the file of authorities",
                  to_string(endpoint_), verified == X509_V_OK ? reason : X509_verify_cert_error_string(verified)));
}

Result<std::size_t> Stream::write_some(std::span<const std::byte> bytes) {
  if (ssl_) {
    const BlockedSigpipe blocked;
    ERR_clear_error();
    std::size_t moved = 0;
    const int done = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &moved);
    return tls_result(done, moved, true);
  }
  const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return broken(errno);
}

Result<std::size_t> Stream::read_some(std::span<std::byte> room) {
  if (ssl_) {
    const BlockedSigpipe blocked;
    ERR_clear_error();
    std::size_t moved = 0;
    const int done = SSL_read_ex(ssl_.get(), room.data(), room.size(), &moved);
    return tls_result(done, moved, false);
  }
  const ssize_t got = recv(socket_, room.data(), room.size(), 0);
  if (got > 0) return static_cast<std::size_t>(got);
  if (got == 0) return broken(0);
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return 0;
  return broken(errno);
}

short Stream::events(bool has_output) const {
  if (!connected_) return POLLOUT;
  return static_cast<short>(POLLIN | (((has_output && !write_wants_read_) || read_wants_write_) ? POLLOUT : 0));
}

bool Stream::has_buffered() const { return ssl_ != nullptr && SSL_pending(ssl_.get()) > 0; }

}  // namespace fovea::valkey
