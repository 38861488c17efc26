#include "serve/http/listen_address.h"

#include <poll.h>
#include <sys/socket.h>
#include <trantor/net/InetAddress.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

namespace fovea::serve {

namespace {

// By its family: trantor's isIpV6() says yes of every address that it got from a socket.
bool is_ipv6(const trantor::InetAddress& address) { return address.family() == AF_INET6; }

socklen_t length_of(const trantor::InetAddress& address) {
  return static_cast<socklen_t>(is_ipv6(address) ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
}

constexpr int answers_within_ms = 200;

}  // namespace

Result<void> check_listen_address(const std::string& host, std::uint16_t port) {
  const trantor::InetAddress address(host, port, host.contains(':'));
  if (address.isUnspecified())
    return fail(Fault::invalid,
                std::format("--host {}: this is no IP address; write 127.0.0.1, 0.0.0.0 or ::1, say", host));
  const int probe = socket(address.getSockAddr()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int reuse = 1;  // as Drogon sets it, or a port that was just closed would seem to be in use
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const bool bound = bind(probe, address.getSockAddr(), length_of(address)) == 0;
  const std::string why = bound ? "" : std::strerror(errno);
  close(probe);
  if (bound) return {};
  return fail(Fault::unavailable, std::format("{}:{} cannot be listened on: {}", host, port, why));
}

bool is_listened_on(const trantor::InetAddress& address) {
  const std::string ip = address.toIp();
  const bool everywhere = ip == "0.0.0.0" || ip == "::";
  const std::string loopback = is_ipv6(address) ? "::1" : "127.0.0.1";
  const trantor::InetAddress asked(everywhere ? loopback : ip, address.toPort(), is_ipv6(address));
  const int probe = socket(asked.getSockAddr()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int error = connect(probe, asked.getSockAddr(), length_of(asked)) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    pollfd answered{.fd = probe, .events = POLLOUT, .revents = 0};
    socklen_t size = sizeof error;
    if (poll(&answered, 1, answers_within_ms) == 1) getsockopt(probe, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  close(probe);
  return error != ECONNREFUSED;
}

}  // namespace fovea::serve
