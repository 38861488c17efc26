#include "audit/reuse/traffic_count.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;

class TrafficCountTest : public testing::Test {
 protected:
  void see(AuditedRequest request) { traffic.see(placer.place(request)); }
  RequestPlacer placer{ModelCosts(test::example_model()), false};
  TrafficCount traffic;
};

TEST_F(TrafficCountTest, CountsWhatTheLogSays) {
  AuditedRequest request = Asked("a").user({.pixels = "cat"}).text("what?").usage(137, 20);
  request.time_ms = 5000;
  request.duration_ms = 300;
  request.cached_tokens = 64;
  see(request);
  request = Asked("b").user("what?").usage(5, 5);
  request.time_ms = 4000;
  request.duration_ms = 100;
  see(request);
  see(Asked("b").user({.url = "https://a.example/1.jpg"}));
  traffic.see_failed();
  const AuditTraffic found = traffic.findings(placer);
  EXPECT_EQ(found.requests, 3U);
  EXPECT_EQ(found.failed, 1U);
  EXPECT_EQ(found.with_pictures, 2U);
  EXPECT_EQ(found.pictures, 2U);
  EXPECT_EQ(found.pictures_by_url, 1U);
  EXPECT_EQ(found.clients, 2U);
  EXPECT_EQ(found.routes, 1U);
  EXPECT_EQ(found.with_usage, 2U);
  EXPECT_EQ(found.with_durations, 2U);
  EXPECT_EQ(found.span_ms, 1000);
  EXPECT_EQ(found.provider_cached_tokens, 64);
  EXPECT_NEAR(found.picture_tokens, 256, 2);
  EXPECT_EQ(found.answer_tokens, 20 + 5 + 10);  // the profile's usual answer where the log does not say
  EXPECT_DOUBLE_EQ(*traffic.mean_duration_ms(), 200);
}

TEST_F(TrafficCountTest, PromptsWithoutUsageAreCountedAsOthersWere) {
  const std::string text(1000, 'x');
  for (int i = 0; i < 5; ++i)
    see(Asked()
            .user(text + std::string(static_cast<std::size_t>(i) * 100, 'y'))
            .usage(static_cast<std::uint32_t>(510 + 50 * i), 1));
  see(Asked().user(text));
  EXPECT_NEAR(traffic.findings(placer).prompt_tokens, 510 + 560 + 610 + 660 + 710 + 510, 0.1);
  EXPECT_NEAR(traffic.findings(placer).bytes_per_token, 2, 1e-3);
}

}  // namespace
}  // namespace fovea
