#include "serve/http/listen_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

namespace fovea::serve {
namespace {

// A port that something listens on.
class Listening {
 public:
  Listening() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    bind(socket_, reinterpret_cast<const sockaddr*>(&address), size);
    listen(socket_, 1);
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listening() { close(socket_); }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  const int socket_;
  std::uint16_t port_ = 0;
};

TEST(ListenAddress, AFreePortCanBeListenedOn) { EXPECT_TRUE(check_listen_address("127.0.0.1", 0)); }

TEST(ListenAddress, AHostIsAnIpAddress) {
  for (const char* host : {"localhost", "example.com", "", "1.2.3", "127.0.0.1:80"}) {
    const auto checked = check_listen_address(host, 0);
    ASSERT_FALSE(checked) << host;
    EXPECT_EQ(checked.error().fault, Fault::invalid) << host;
  }
}

TEST(ListenAddress, WhoListensIsFoundByConnecting) {
  std::uint16_t port = 0;
  {
    const Listening other;
    port = other.port();
    EXPECT_TRUE(is_listened_on(trantor::InetAddress("127.0.0.1", port)));
    EXPECT_TRUE(is_listened_on(trantor::InetAddress("0.0.0.0", port))) << "all interfaces are the loopback one too";
    // As trantor has it from a socket: it says of itself that it is one of IPv6.
    sockaddr_in6 of_socket{};
    const trantor::InetAddress same("127.0.0.1", port);
    std::memcpy(&of_socket, same.getSockAddr(), sizeof(sockaddr_in));
    EXPECT_TRUE(is_listened_on(trantor::InetAddress(of_socket)));
  }
  EXPECT_FALSE(is_listened_on(trantor::InetAddress("127.0.0.1", port)));
}

TEST(ListenAddress, APortInUseIsUnavailable) {
  const Listening other;
  const auto checked = check_listen_address("127.0.0.1", other.port());
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fault, Fault::unavailable);
  EXPECT_TRUE(checked.error().message.contains(std::to_string(other.port())));
}

TEST(ListenAddress, AnAddressOfAnotherMachineIsUnavailable) {
  const auto checked = check_listen_address("192.0.2.1", 0);  // for documentation (RFC 5737): no machine has it
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace fovea::serve
