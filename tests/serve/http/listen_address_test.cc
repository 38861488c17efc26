#include "serve/http/listen_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

namespace fovea::serve {
namespace {

bool is_accepted(std::uint16_t port) {
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
  const bool accepted = connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(client);
  return accepted;
}

TEST(Listening, AcceptsConnectionsAtOnce) {
  for (const char* host : {"127.0.0.1", "0.0.0.0"}) {
    std::uint16_t port = 0;
    {
      const auto listening = Listening::on(host, 0);
      ASSERT_TRUE(listening) << listening.error().message;
      port = listening->port();
      EXPECT_TRUE(is_accepted(port)) << host;
    }
    EXPECT_FALSE(is_accepted(port));
  }
}

TEST(Listening, TheLoopbackAddressOfIpv6IsOne) {
  const auto listening = Listening::on("::1", 0);
  if (!listening && listening.error().fault == Fault::unavailable) GTEST_SKIP() << listening.error().message;
  ASSERT_TRUE(listening);
  EXPECT_GT(listening->port(), 0);
}

TEST(Listening, AHostIsAnIpAddress) {
  for (const char* host : {"localhost", "example.com", "", "1.2.3", "127.0.0.1:80"}) {
    const auto listening = Listening::on(host, 0);
    ASSERT_FALSE(listening) << host;
    EXPECT_EQ(listening.error().fault, Fault::invalid) << host;
  }
}

TEST(Listening, APortInUseIsUnavailable) {
  const auto other = Listening::on("127.0.0.1", 0);
  const auto second = Listening::on("127.0.0.1", other->port());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().fault, Fault::unavailable);
  EXPECT_TRUE(second.error().message.contains(std::to_string(other->port())));
}

TEST(Listening, AnAddressOfAnotherMachineIsUnavailable) {
  const auto listening = Listening::on("192.0.2.1", 0);  // for documentation (RFC 5737): no machine has it
  ASSERT_FALSE(listening);
  EXPECT_EQ(listening.error().fault, Fault::unavailable);
}

}  // namespace
}  // namespace fovea::serve
