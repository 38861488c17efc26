#include "serve/http/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <mutex>
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
            {"GET", "/broken",
             [](Exchange& exchange) {
               const auto stream = exchange.begin_stream({.content_type = "text/plain"});
               stream->send("one ");
               stream->abort();
             }},
            {"GET", "/much",
             [](Exchange& exchange) {
               const auto stream = exchange.begin_stream({.content_type = "text/plain"});
               while (stream->send(std::string(1 << 16, 'x')) && stream->wait_for_room()) sent += 1 << 16;
             }},
            {"GET", "/length",
             [](Exchange& exchange) { exchange.reply({.content_type = "text/plain", .body = {}, .length = 1000}); }},
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

  static inline std::atomic<std::uint64_t> sent = 0;  // by /much, which ends only with its client

  std::mutex mutex_;
  std::vector<int> refused_;
  std::latch stopped_{1};
  HttpServer server_{{.port = 0, .body_bytes_max = 1 << 20, .body_memory_bytes_max = 1 << 20, .handler_threads = 1},
                     routes(stopped_),
                     [this](int status) {
                       const std::scoped_lock lock(mutex_);
                       refused_.push_back(status);
                     }};
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

TEST_F(HttpServerTest, TellsWhatItRefusesItself) {
  answer("\x16\x03\x01");
  answer("GET /nothing HTTP/1.0\r\n\r\n");
  answer("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
  answer("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFF\r\n");
  answer("POST /echo HTTP/1.0\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc");
  answer("GET /health HTTP/1.0\r\n\r\n");
  answer("OPTIONS /health HTTP/1.0\r\n\r\n");
  const std::scoped_lock lock(mutex_);
  EXPECT_EQ(refused_, (std::vector<int>{400, 404, 413, 413, 400}));
}

TEST_F(HttpServerTest, AStreamHasChunksOrEndsWithTheConnection) {
  const std::string chunked = answer("GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(chunked.contains("Transfer-Encoding: chunked"));
  EXPECT_TRUE(chunked.ends_with("\r\n0\r\n\r\n"));
  const std::string bare = answer("GET /stream HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(bare.contains("Transfer-Encoding"));
  EXPECT_TRUE(bare.ends_with("\r\n\r\none two")) << bare;
}

TEST_F(HttpServerTest, AStreamThatIsBrokenOffDoesNotEnd) {
  const std::string chunked = answer("GET /broken HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(chunked.ends_with("\r\n4\r\none \r\n")) << "without a last chunk: " << chunked;
  const int client = connection();
  const std::string request = "GET /broken HTTP/1.0\r\n\r\n";
  ASSERT_EQ(send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  std::string all(1000, '\0');
  ssize_t count = 0;
  while ((count = recv(client, all.data(), all.size(), 0)) > 0) continue;
  EXPECT_EQ(count, -1) << "reset, since the end of a connection would be the end of the body";
  close(client);
}

// The sockets' buffers take some megabytes of it.
TEST_F(HttpServerTest, WhoeverMayWaitForAClientDoes) {
  sent = 0;
  const int client = connection();
  const std::string request = "GET /much HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(send(client, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  const std::uint64_t far_more = 256 << 20;
  std::uint64_t before = 0;
  do {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  } while (before == 0 || (sent != before && sent < far_more));
  EXPECT_LT(before, far_more);
  std::string read(16 << 20, '\0');
  ASSERT_EQ(recv(client, read.data(), read.size(), MSG_WAITALL), static_cast<ssize_t>(read.size()));
  EXPECT_GT(sent, before) << "goes on when the client reads";
  close(client);
}

TEST_F(HttpServerTest, ABodyTakesItsMemoryAsItComes) {
  const std::string whole_memory = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1048576\r\n\r\n";
  const std::string large = "POST /echo HTTP/1.0\r\nContent-Length: 600000\r\n\r\n" + std::string(600'000, 'y');
  const int says_so = connection();
  ASSERT_EQ(send(says_so, whole_memory.data(), whole_memory.size(), 0), static_cast<ssize_t>(whole_memory.size()));
  EXPECT_TRUE(answer("GET /health HTTP/1.0\r\n\r\n").ends_with("ok"));
  EXPECT_TRUE(answer(large).starts_with("HTTP/1.1 200"));
  const std::string most = std::string(700'000, 'x');
  ASSERT_EQ(send(says_so, most.data(), most.size(), 0), static_cast<ssize_t>(most.size()));
  auto waits = std::async(std::launch::async, [&] { return answer(large); });
  close(says_so);
  EXPECT_TRUE(waits.get().starts_with("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, ManySmallChunksAreABody) {
  std::string request = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 400'000; ++i) request += "1\r\nz\r\n";  // more than one turn reads
  EXPECT_TRUE(answer(request + "0\r\n\r\n").ends_with("\r\n\r\n" + std::string(400'000, 'z')));
}

TEST_F(HttpServerTest, TheReplyToAHeadMayTellALength) {
  const std::string head = answer("HEAD /length HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(head.contains("\r\nContent-Length: 1000\r\n")) << head;
  EXPECT_TRUE(head.ends_with("\r\n\r\n"));
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
