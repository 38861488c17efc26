#include "serve/cache_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "serve/fake_backend.h"
#include "serve/fake_exchange.h"
#include "serve/wire/json_in_tests.h"

namespace fovea::serve {
namespace {

using test::FakeBackend;
using test::FakeExchange;
using test::value_at;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Tenant alice{.name = "alice"};
const Tenant admin{.name = "root", .admin = true};
const Key image_key = KeyBuilder("test/1").field("image").finish();

class CacheHandlerTest : public testing::Test {
 protected:
  // The recent requests of a tenant after one that was about `image_key`.
  void add_recent(const std::string& tenant) {
    Request request;
    request.tenant = tenant;
    request.sources = {{Blob::copy_of("image"), "image"}};
    Answer answer;
    answer.report.images = {{.image_key = image_key}};
    recent_.add(request, answer, 0);
  }
  std::size_t recent(const std::string& tenant) const { return recent_.after(tenant, 0).size(); }

  FakeBackend backend_;
  RecentRequests recent_;
  CacheHandler handler_{backend_, recent_};
};

TEST_F(CacheHandlerTest, AdminsSeeTheStatisticsOfEachLevel) {
  backend_.levels = {{"response", {.hits = 3, .insertions = 2, .bytes = 100}}, {"embedding", {.hits = 5}}};
  FakeExchange exchange("/v1/cache/stats");
  handler_.stats(exchange, admin);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_EQ(value_at(exchange.replied->body, "/levels/0/level"), R"("response")");
  EXPECT_EQ(value_at(exchange.replied->body, "/levels/0/hits"), "3");
  EXPECT_EQ(value_at(exchange.replied->body, "/levels/0/bytes"), "100");
  EXPECT_EQ(value_at(exchange.replied->body, "/levels/1/hits"), "5");
}

TEST_F(CacheHandlerTest, PrecisionIsToldBesideCoverageAndWastedBytes) {
  FakeExchange without("/v1/cache/stats");
  handler_.stats(without, admin);
  EXPECT_FALSE(without.replied->body.contains("precision"));
  backend_.prefetch = {.issued = 8, .used = 6, .wasted = 1, .waited = 2, .bytes = 800, .wasted_bytes = 100};
  FakeExchange exchange("/v1/cache/stats");
  handler_.stats(exchange, admin);
  EXPECT_EQ(value_at(exchange.replied->body, "/prefetch/precision"), "0.75");
  EXPECT_EQ(value_at(exchange.replied->body, "/prefetch/coverage"), "0.75");
  EXPECT_EQ(value_at(exchange.replied->body, "/prefetch/wasted_bytes"), "100");
  EXPECT_EQ(value_at(exchange.replied->body, "/prefetch/outstanding"), "1");
}

TEST_F(CacheHandlerTest, AdminsSeeTheStatisticsOfEachTier) {
  backend_.tiers = {{.kind = TierKind::disk}, {.kind = TierKind::shared, .writing = BreakerState::half_open}};
  FakeExchange exchange("/v1/cache/stats");
  handler_.stats(exchange, admin);
  EXPECT_EQ(value_at(exchange.replied->body, "/tiers/0/tier"), R"("disk")");
  EXPECT_EQ(value_at(exchange.replied->body, "/tiers/1/writing"), R"("half_open")");
}

TEST_F(CacheHandlerTest, OthersAreRefusedTheStatistics) {
  FakeExchange exchange("/v1/cache/stats");
  handler_.stats(exchange, alice);
  EXPECT_EQ(exchange.status(), 403);
}

TEST_F(CacheHandlerTest, AResetPurgesTheTenantsEntriesAndRecentRequests) {
  add_recent("alice");
  add_recent("bob");
  backend_.purge_count = 4;
  FakeExchange exchange("/v1/cache/reset");
  handler_.reset(exchange, alice);
  EXPECT_EQ(value_at(exchange.replied->body, "/entries"), "4");
  EXPECT_THAT(backend_.purged, ElementsAre(Pair("alice", Key{})));
  EXPECT_EQ(recent("alice"), 0U);
  EXPECT_EQ(recent("bob"), 1U);
}

TEST_F(CacheHandlerTest, AnAdminResetsAnotherTenant) {
  FakeExchange exchange("/v1/cache/reset", R"({"tenant":"bob"})");
  handler_.reset(exchange, admin);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_THAT(backend_.purged, ElementsAre(Pair("bob", Key{})));
}

TEST_F(CacheHandlerTest, OthersResetOnlyThemselves) {
  FakeExchange another("/v1/cache/reset", R"({"tenant":"bob"})");
  handler_.reset(another, alice);
  EXPECT_EQ(another.status(), 403);
  EXPECT_THAT(backend_.purged, IsEmpty());
  FakeExchange own("/v1/cache/reset", R"({"tenant":"alice"})");
  handler_.reset(own, alice);
  EXPECT_EQ(own.status(), 200);
}

TEST_F(CacheHandlerTest, AResetThatIsNoJsonIsRefused) {
  FakeExchange exchange("/v1/cache/reset", "{");
  handler_.reset(exchange, admin);
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_THAT(backend_.purged, IsEmpty());
}

TEST_F(CacheHandlerTest, PurgesOneImage) {
  add_recent("alice");
  FakeExchange exchange("/v1/cache/images/" + image_key.hex());
  handler_.purge_image(exchange, alice);
  EXPECT_EQ(exchange.status(), 200);
  EXPECT_THAT(backend_.purged, ElementsAre(Pair("alice", image_key)));
  EXPECT_EQ(recent("alice"), 0U);
}

TEST_F(CacheHandlerTest, AKeyThatIsNoneIsRefused) {
  FakeExchange exchange("/v1/cache/images/abc");
  handler_.purge_image(exchange, alice);
  EXPECT_EQ(exchange.status(), 400);
  EXPECT_THAT(backend_.purged, IsEmpty());
}

}  // namespace
}  // namespace fovea::serve
