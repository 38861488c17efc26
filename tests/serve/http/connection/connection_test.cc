// Connections over TLS, of a server. What holds in the clear, too, is in http_edges_test.py.
#include "serve/http/connection/connection.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <future>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "serve/http/http_server.h"
#include "serve/http/tls/certificate_files.h"
#include "serve/http/tls/tls_client.h"

namespace fovea::serve {
namespace {

class TlsConnectionTest : public testing::Test {
 protected:
  explicit TlsConnectionTest(double handshake_s = 60) {
    made_.make("right");
    server_.emplace(HttpServerOptions{.port = 0,
                                      .connections_max = 3,
                                      .io_threads = 1,
                                      .handler_threads = 1,
                                      .certificate = ServerCertificate::open(made_.files("right")).value(),
                                      .handshake_s = handshake_s},
                    routes());
    std::promise<std::uint16_t> listening;
    runs_ = std::jthread([&] { EXPECT_TRUE(server_->run([&](std::uint16_t port) { listening.set_value(port); })); });
    port_ = listening.get_future().get();
  }
  ~TlsConnectionTest() override { server_->stop(10'000); }

  static std::vector<Route> routes() {
    return {{"POST", "/echo", [](Exchange& exchange) { exchange.reply({.body = std::string(exchange.body())}); }}};
  }
  int connection() const {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port_), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return client;
  }
  // All that comes back in the clear until the server closes.
  static std::string rest(int client) {
    std::string all;
    std::array<char, 1000> bytes{};
    for (ssize_t count = 0; (count = recv(client, bytes.data(), bytes.size(), 0)) > 0;)
      all.append(bytes.data(), static_cast<std::size_t>(count));
    return all;
  }

  // The reply to a request in the clear; "" where the connection is closed without one.
  std::string answer_in_the_clear() const {
    const int client = connection();
    const std::string request = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
    send(client, request.data(), request.size(), MSG_NOSIGNAL);
    std::string reply = rest(client);
    close(client);
    return reply;
  }

  test::TestCertificates made_;
  std::optional<HttpServer> server_;
  std::uint16_t port_ = 0;
  std::jthread runs_;
};

TEST_F(TlsConnectionTest, ABodyOfManyRecordsComesBack) {
  const int socket = connection();
  test::TlsClient client(socket);
  ASSERT_TRUE(client.greet());
  const std::string body(16 << 20, 'b');  // more than the sockets hold, since it is read only when all is sent
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  EXPECT_EQ(client.send(request), request.size());
  const std::string reply = client.received();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(reply.ends_with("\r\n\r\n" + body));
  EXPECT_TRUE(client.was_told_the_end());
  close(socket);
}

TEST_F(TlsConnectionTest, AClientInTheClearIsToldSoInTheClear) {
  const std::string reply = answer_in_the_clear();
  EXPECT_TRUE(reply.starts_with("HTTP/1.1 400 ")) << reply;
  EXPECT_TRUE(reply.contains("this port speaks HTTPS")) << reply;
  EXPECT_TRUE(reply.contains("\r\nConnection: close\r\n")) << reply;
}

TEST_F(TlsConnectionTest, AHandshakeCountsAsAConnection) {
  const int silent = connection(), other = connection(), third = connection();
  EXPECT_EQ(answer_in_the_clear(), "") << "there are three connections at most";
  for (const int client : {silent, other, third}) close(client);
}

class ShortHandshakeTest : public TlsConnectionTest {
 protected:
  ShortHandshakeTest() : TlsConnectionTest(0.2) {}
};

TEST_F(ShortHandshakeTest, AClientThatDoesNotEndItIsClosed) {
  const double began_ms = Clock::steady().now_ms();
  const int silent = connection(), begun = connection(), third = connection();
  const std::string half("\x16\x03\x01\x02\x00\x01", 6);
  ASSERT_EQ(send(begun, half.data(), half.size(), MSG_NOSIGNAL), static_cast<ssize_t>(half.size()));
  for (const int client : {silent, begun, third}) {
    EXPECT_EQ(rest(client), "");
    close(client);
  }
  EXPECT_GE(Clock::steady().now_ms() - began_ms, 200);
  bool is_served = false;  // as a new client, which may be too slow, too
  for (int i = 0; i < 100 && !is_served; ++i) is_served = answer_in_the_clear().starts_with("HTTP/1.1 400 ");
  EXPECT_TRUE(is_served);
}

}  // namespace
}  // namespace fovea::serve
