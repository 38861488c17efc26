#include "serve/events/events_handler.h"

#include <gtest/gtest.h>

#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "serve/fake_exchange.h"

namespace fovea::serve {
namespace {

using test::FakeExchange;

const Tenant admin{.name = {}, .group = {}, .limits = {}, .admin = true};
const Tenant alice{.name = "alice", .group = {}, .limits = {}, .admin = false};

class EventsHandlerTest : public testing::Test {
 protected:
  FakeExchange exchange{"/v1/cache/events"};
  PictureEvents events;
  const Tenants tenants;
  std::stop_source stopping;
  EventsHandler handler{events, tenants, stopping.get_token()};
};

TEST_F(EventsHandlerTest, IsForAdmins) {
  handler.follow(exchange, alice);
  EXPECT_EQ(exchange.status(), 403);
  EXPECT_TRUE(exchange.replied->body.contains(R"("code":"not_admin")")) << exchange.replied->body;
  EXPECT_FALSE(events.recording());
}

TEST_F(EventsHandlerTest, AStreamEndsWithTheServer) {
  stopping.request_stop();
  handler.follow(exchange, admin);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.replied->content_type, "text/event-stream");
  EXPECT_EQ(exchange.reply_header("Cache-Control"), "no-store");
  EXPECT_TRUE(exchange.streamed.starts_with("id:\nevent: reset\ndata: {\"lost\":0}\n\n")) << exchange.streamed;
  EXPECT_TRUE(exchange.stream_ended);
  EXPECT_FALSE(exchange.stream_aborted);
}

TEST_F(EventsHandlerTest, AnIdThatIsNoneIsOfNothingThatIsKnown) {
  stopping.request_stop();
  exchange.headers["last-event-id"] = "yesterday";
  handler.follow(exchange, admin);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(exchange.streamed, "") << "a stopped server sends no snapshot any more";
}

TEST_F(EventsHandlerTest, HeadIsAnsweredAtOnce) {
  exchange.verb = "HEAD";
  handler.follow(exchange, admin);
  EXPECT_EQ(exchange.replied->content_type, "text/event-stream");
  EXPECT_FALSE(events.recording());
}

TEST_F(EventsHandlerTest, ReadersAreBounded) {
  std::vector<std::unique_ptr<FakeExchange>> clients;
  std::vector<std::jthread> readers;
  for (std::uint32_t i = 0; i < EventsHandler::readers_max; ++i) {
    clients.push_back(std::make_unique<FakeExchange>("/v1/cache/events"));
    readers.emplace_back([&, i] { handler.follow(*clients[i], admin); });
  }
  while (handler.readers() < EventsHandler::readers_max) std::this_thread::yield();
  handler.follow(exchange, admin);
  EXPECT_EQ(exchange.status(), 503);
  EXPECT_TRUE(exchange.replied->body.contains(R"("code":"too_many_readers")")) << exchange.replied->body;
  EXPECT_EQ(exchange.reply_header("Retry-After"), "15");
  stopping.request_stop();
  readers.clear();
  EXPECT_EQ(handler.readers(), 0u);
  for (const auto& client : clients) EXPECT_TRUE(client->stream_ended);
}

}  // namespace
}  // namespace fovea::serve
