#include "serve/http/connection/transport.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "serve/http/connection/socket_pair.h"
#include "serve/http/tls/certificate_files.h"
#include "serve/http/tls/tls_client.h"

namespace fovea::serve {
namespace {

using Greeting = Transport::Greeting;

std::string received(Transport& transport, Moved& last) {
  std::string all;
  std::array<char, 100> room{};
  for (std::size_t count = 0; (last = transport.receive(room, count)) == Moved::some;) all.append(room.data(), count);
  return all;
}

TEST(Transport, InTheClearNobodyGreets) {
  test::SocketPair pair;
  Transport& transport = pair.server();
  EXPECT_EQ(transport.greet(), Greeting::done);
  EXPECT_FALSE(transport.is_tls());
  Moved last{};
  EXPECT_EQ(received(transport, last), "");
  EXPECT_EQ(last, Moved::none);
  std::size_t count = 0;
  EXPECT_EQ(transport.send("one ", true, count), Moved::some);
  EXPECT_EQ(transport.send("two", false, count), Moved::some);
  EXPECT_EQ(count, 3U);
  EXPECT_EQ(pair.received(), "one two");
  ASSERT_TRUE(pair.send("last"));
  EXPECT_TRUE(transport.end());
  char byte = 0;
  EXPECT_EQ(recv(pair.client_socket(), &byte, 1, 0), 0) << "the end";
  pair.leave();
  EXPECT_EQ(received(transport, last), "last");
  EXPECT_EQ(last, Moved::ended);
}

class TlsTransportTest : public testing::Test {
 protected:
  TlsTransportTest() {
    made_.make("right");
    certificate_ = ServerCertificate::open(made_.files("right")).value();
    fcntl(pair_.client_socket(), F_SETFL, O_NONBLOCK);
  }
  test::TestCertificates made_;
  std::shared_ptr<ServerCertificate> certificate_;
  test::SocketPair pair_;
};

TEST_F(TlsTransportTest, AClientOfTlsGreets) {
  Transport transport(pair_.server_socket(), certificate_.get());
  EXPECT_EQ(transport.greet(), Greeting::waits);
  test::TlsClient client(pair_.client_socket());
  client.greet();
  EXPECT_EQ(transport.greet(), Greeting::waits);
  ASSERT_TRUE(client.greet());
  EXPECT_EQ(transport.greet(), Greeting::done);
  EXPECT_TRUE(transport.is_tls());
  ASSERT_EQ(client.send("hello"), 5U);
  Moved last{};
  EXPECT_EQ(received(transport, last), "hello");
  std::size_t count = 0;
  EXPECT_EQ(transport.send("hello, too", false, count), Moved::some);
  EXPECT_TRUE(transport.end());
  EXPECT_EQ(client.received(), "hello, too");
  EXPECT_TRUE(client.was_told_the_end());
}

TEST_F(TlsTransportTest, AClientInTheClearIsKnown) {
  Transport transport(pair_.server_socket(), certificate_.get());
  ASSERT_TRUE(pair_.send("GET /"));
  EXPECT_EQ(transport.greet(), Greeting::plain);
  EXPECT_FALSE(transport.is_tls());
  Moved last{};
  EXPECT_EQ(received(transport, last), "GET /") << "its first byte was only looked at";
  std::size_t count = 0;
  EXPECT_EQ(transport.send("HTTP/1.1 400", false, count), Moved::some);
  EXPECT_EQ(pair_.received(), "HTTP/1.1 400");
}

TEST_F(TlsTransportTest, AClientMayLeaveBeforeIt) {
  Transport transport(pair_.server_socket(), certificate_.get());
  pair_.leave();
  EXPECT_EQ(transport.greet(), Greeting::ended);
}

}  // namespace
}  // namespace fovea::serve
