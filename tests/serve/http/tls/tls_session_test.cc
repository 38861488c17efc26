#include "serve/http/tls/tls_session.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "serve/http/connection/socket_pair.h"
#include "serve/http/tls/certificate_files.h"
#include "serve/http/tls/tls_client.h"

namespace fovea::serve {
namespace {

class TlsSessionTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    made = std::make_unique<test::TestCertificates>();
    made->make("right");
    certificate = ServerCertificate::open(made->files("right")).value();
  }
  static void TearDownTestSuite() {
    certificate.reset();
    made.reset();
  }
  TlsSessionTest() { fcntl(pair_.client_socket(), F_SETFL, O_NONBLOCK); }

  // What came of the handshake for the server.
  Moved greet(test::TlsClient& client) {
    Moved result = Moved::none;
    for (int turn = 0; turn < 10 && result == Moved::none; ++turn) {
      client.greet();
      result = session_->greet();
    }
    client.greet();
    return result;
  }
  // All that came until nothing does.
  std::string received() {
    std::string all;
    std::array<char, 1000> room{};  // less than a record
    for (std::size_t count = 0; (last_ = session_->receive(room, count)) == Moved::some;)
      all.append(room.data(), count);
    return all;
  }

  static std::unique_ptr<test::TestCertificates> made;
  static std::shared_ptr<ServerCertificate> certificate;
  test::SocketPair pair_;
  std::unique_ptr<TlsSession> session_ = certificate->begin(pair_.server_socket());
  Moved last_ = Moved::some;  // of received()
};
std::unique_ptr<test::TestCertificates> TlsSessionTest::made;
std::shared_ptr<ServerCertificate> TlsSessionTest::certificate;

TEST_F(TlsSessionTest, SpeaksTheNewestVersionAndNoOldOne) {
  test::TlsClient client(pair_.client_socket());
  EXPECT_EQ(session_->greet(), Moved::none) << "the client has said nothing";
  EXPECT_EQ(greet(client), Moved::some);
  EXPECT_EQ(client.version(), "TLSv1.3");
  test::SocketPair other;
  fcntl(other.client_socket(), F_SETFL, O_NONBLOCK);
  session_ = certificate->begin(other.server_socket());
  test::TlsClient old(other.client_socket(), TLS1_1_VERSION);
  SSL_set_security_level(old.ssl(), 0);
  EXPECT_EQ(greet(old), Moved::ended);
}

TEST_F(TlsSessionTest, SuitesOfVersion12HaveForwardSecrecy) {
  test::TlsClient client(pair_.client_socket(), TLS1_2_VERSION);
  EXPECT_EQ(greet(client), Moved::some);
  EXPECT_EQ(client.version(), "TLSv1.2");
  EXPECT_TRUE(client.suite().starts_with("ECDHE-ECDSA-")) << client.suite();
  test::SocketPair other;
  fcntl(other.client_socket(), F_SETFL, O_NONBLOCK);
  session_ = certificate->begin(other.server_socket());
  test::TlsClient weak(other.client_socket(), TLS1_2_VERSION);
  SSL_set_cipher_list(weak.ssl(), "ECDHE-ECDSA-AES128-SHA256");
  EXPECT_EQ(greet(weak), Moved::ended) << "of CBC";
}

TEST_F(TlsSessionTest, AgreesOnHttp11) {
  test::TlsClient client(pair_.client_socket(), 0, "\x02h2\x08http/1.0\x08http/1.1");
  EXPECT_EQ(greet(client), Moved::some);
  EXPECT_EQ(client.protocol(), "http/1.1");
  test::SocketPair other;
  fcntl(other.client_socket(), F_SETFL, O_NONBLOCK);
  session_ = certificate->begin(other.server_socket());
  test::TlsClient only_h2(other.client_socket(), 0, "\x02h2");
  EXPECT_EQ(greet(only_h2), Moved::ended);
}

TEST_F(TlsSessionTest, MovesBytesInBothDirections) {
  test::TlsClient client(pair_.client_socket());
  ASSERT_EQ(greet(client), Moved::some);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(last_, Moved::none);
  EXPECT_FALSE(session_->waits_to_write());
  const std::string asked(10'000, 'q');
  ASSERT_EQ(client.send(asked), asked.size());
  std::array<char, 10> room{};
  std::size_t count = 0;
  EXPECT_EQ(session_->receive(room, count), Moved::some);
  EXPECT_EQ(count, room.size());
  EXPECT_TRUE(session_->has_unread()) << "the record came whole";
  EXPECT_EQ(received().size(), asked.size() - count);
  EXPECT_FALSE(session_->has_unread());
  EXPECT_EQ(session_->send("answer", count), Moved::some);
  EXPECT_EQ(client.received(), "answer");
}

TEST_F(TlsSessionTest, WaitsWhereTheSocketIsFull) {
  test::TlsClient client(pair_.client_socket());
  ASSERT_EQ(greet(client), Moved::some);
  std::string much(8 << 20, '\0');
  for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7 / 5);
  std::string got;
  std::size_t sent = 0, waits = 0;
  while (sent < much.size()) {
    std::size_t count = 0;
    const Moved moved = session_->send(std::string_view(much).substr(sent), count);
    ASSERT_NE(moved, Moved::ended);
    sent += count;
    if (moved == Moved::none) ++waits, got += client.received();
  }
  EXPECT_GT(waits, 0U);
  EXPECT_TRUE(got + client.received() == much);
}

TEST_F(TlsSessionTest, TheEndIsToldAndHeard) {
  test::TlsClient client(pair_.client_socket());
  EXPECT_TRUE(session_->end()) << "nothing can be told before the handshake";
  ASSERT_EQ(greet(client), Moved::some);
  EXPECT_TRUE(session_->end());
  EXPECT_EQ(client.received(), "");
  EXPECT_TRUE(client.was_told_the_end());
  ASSERT_EQ(client.send("more"), 4U);
  client.say_the_end();
  EXPECT_EQ(received(), "more") << "the client's side goes on";
  EXPECT_EQ(last_, Moved::ended);
}

TEST_F(TlsSessionTest, TheEndWaitsForRoomInTheSocket) {
  test::TlsClient client(pair_.client_socket());
  ASSERT_EQ(greet(client), Moved::some);
  EXPECT_EQ(client.received(), "");
  const std::string filling(1 << 10, 'x');  // not by the session, which would then have to go on with its own
  while (send(pair_.server_socket(), filling.data(), filling.size(), MSG_DONTWAIT) > 0) continue;
  EXPECT_FALSE(session_->end());
  EXPECT_TRUE(pair_.received().ends_with('x'));
  EXPECT_TRUE(session_->end());
  EXPECT_GT(pair_.received().size(), 0U);
}

TEST_F(TlsSessionTest, AClientThatLeavesHasEndedAndDoesNotEndTheProcess) {
  test::TlsClient client(pair_.client_socket());
  ASSERT_EQ(greet(client), Moved::some);
  pair_.leave();
  std::size_t count = 0;
  Moved moved = Moved::some;
  for (int i = 0; i < 10 && moved == Moved::some; ++i) moved = session_->send("bytes", count);
  EXPECT_EQ(moved, Moved::ended);
  EXPECT_EQ(received(), "");
  EXPECT_EQ(last_, Moved::ended);
  EXPECT_TRUE(session_->end()) << "nobody can be told";
}

TEST_F(TlsSessionTest, WhatIsNoTlsEnds) {
  ASSERT_TRUE(pair_.send(std::string("\x16\x03\x01\x00\x05hello", 10)));
  EXPECT_EQ(session_->greet(), Moved::ended);
}

TEST_F(TlsSessionTest, WithoutMemoryItHasEnded) {
  TlsSession none(nullptr, pair_.server_socket());
  std::array<char, 10> room{};
  std::size_t count = 0;
  EXPECT_EQ(none.greet(), Moved::ended);
  EXPECT_EQ(none.receive(room, count), Moved::ended);
  EXPECT_EQ(none.send("bytes", count), Moved::ended);
  EXPECT_TRUE(none.end());
  EXPECT_FALSE(none.has_unread());
}

}  // namespace
}  // namespace fovea::serve
