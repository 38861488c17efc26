#include "serve/http/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace fovea::serve {
namespace {

// A server with two routes, and bare sockets to it.
class HttpServerTest : public testing::Test {
 protected:
  HttpServerTest() {
    std::promise<std::uint16_t> listening;
    runs_ = std::jthread([&] { EXPECT_TRUE(server_.run([&](std::uint16_t port) { listening.set_value(port); })); });
    port_ = listening.get_future().get();
  }
  ~HttpServerTest() override { server_.stop(10'000); }

  int connection() const {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{
        .sin_family = AF_INET, .sin_port = htons(port_), .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    EXPECT_EQ(connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return client;
  }

  // All that comes back for `bytes` until the server closes.
  std::string answer(std::string_view bytes) const {
    const int client = connection();
    EXPECT_EQ(send(client, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    std::string all(1 << 20, '\0');
    std::size_t size = 0;
    while (true) {
      const ssize_t count = recv(client, all.data() + size, all.size() - size, 0);
      if (count <= 0) break;
      size += static_cast<std::size_t>(count);
    }
    close(client);
    return all.substr(0, size);
  }

  static std::vector<Route> routes(std::latch& stopped) {
    return {{"POST", "/v1/echo", [](Exchange& exchange) { exchange.reply({.body = std::string(exchange.body())}); }},
            {"GET", "/stream",
             [](Exchange& exchange) {
               const auto stream = exchange.begin_stream({.content_type = "text/plain"});
               stream->send("one ");
               stream->send("two");
             }},
            {"GET", "/wait",
             [&stopped](Exchange& exchange) {
               std::latch gone(1);
               const std::stop_callback callback(exchange.client_gone(), [&] { gone.count_down(); });
               gone.wait();
               stopped.count_down();
               exchange.reply({.status = 499});
             }},
            {"GET", "/health", [](Exchange& exchange) { exchange.reply({.body = "ok"}); }, true}};
  }

  std::latch stopped_{1};
  HttpServer server_{{.port = 0, .body_bytes_max = 1 << 20, .handler_threads = 1}, routes(stopped_)};
  std::uint16_t port_ = 0;
  std::jthread runs_;
};

TEST_F(HttpServerTest, AnswersInOrder) {
  const std::string all = answer(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nfirst"
      "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nsecond\r\n0\r\n\r\n"
      "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::size_t first = all.find("\r\n\r\nfirst"), second = all.find("\r\n\r\nsecond"),
                    third = all.find("\r\n\r\nok");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos) << all;
}

TEST_F(HttpServerTest, AStreamHasChunksOrEndsWithTheConnection) {
  const std::string chunked = answer("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(chunked.contains("Transfer-Encoding: chunked"));
  EXPECT_TRUE(chunked.ends_with("\r\n0\r\n\r\n"));
  const std::string bare = answer("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(bare.contains("Transfer-Encoding"));
  EXPECT_TRUE(bare.ends_with("\r\n\r\none two")) << bare;
}

TEST_F(HttpServerTest, AHandlerLearnsThatItsClientLeft) {
  const int client = connection();
  const std::string request = "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  // The only handler thread waits, or will.
  EXPECT_TRUE(answer("GET /health HTTP/1.0\r\n\r\n").ends_with("ok")) << "answered by a thread of its own";
  close(client);
  stopped_.wait();
}

}  // namespace
}  // namespace fovea::serve
