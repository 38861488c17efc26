#include "serve/http/listen_address.h"

#include <sys/socket.h>
#include <trantor/net/InetAddress.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <format>

namespace fovea::serve {

Result<void> check_listen_address(const std::string& host, std::uint16_t port) {
  const trantor::InetAddress address(host, port, host.contains(':'));
  if (address.isUnspecified())
    return fail(Fault::invalid,
                std::format("--host {}: this is no IP address; write 127.0.0.1, 0.0.0.0 or ::1, say", host));
  const int probe = socket(address.getSockAddr()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int reuse = 1;  // as Drogon sets it, or a port that was just closed would seem to be in use
  setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  const auto length = static_cast<socklen_t>(address.isIpV6() ? sizeof(sockaddr_in6) : sizeof(sockaddr_in));
  const bool bound = bind(probe, address.getSockAddr(), length) == 0;
  const std::string why = bound ? "" : std::strerror(errno);
  close(probe);
  if (bound) return {};
  return fail(Fault::unavailable, std::format("{}:{} cannot be listened on: {}", host, port, why));
}

}  // namespace fovea::serve
