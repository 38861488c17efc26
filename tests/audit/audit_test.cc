#include "audit/audit.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;
using test::long_text;

AuditSettings settings() { return {.profile = test::example_profile(), .profile_name = "example"}; }

TEST(Audit, SeesALogAndTellsWhatItWastes) {
  Audit audit(settings());
  const std::string rules = long_text(" Be kind.", 1500);
  for (int i = 0; i < 40; ++i) {
    AuditedRequest request = Asked(i % 2 == 0 ? "clock" : "calm")
                                 .system(i % 2 == 0 ? "It is 12:" + std::to_string(10 + i) + rules : "Hello." + rules)
                                 .user({.pixels = "picture " + std::to_string(i % 5)})
                                 .text("question " + std::to_string(i % 3));
    request.duration_ms = 1000;
    audit.see(request);
  }
  AuditedRequest refused = Asked().user("too long");
  refused.status = 400;
  audit.see(refused);
  const AuditFindings found = std::move(audit).findings();
  EXPECT_EQ(found.traffic.requests, 40U);
  EXPECT_EQ(found.traffic.failed, 1U);
  EXPECT_EQ(found.reuse.pictures.different, 5U);
  EXPECT_EQ(found.reuse.questions.asked, 40U);
  ASSERT_FALSE(found.spoilers.empty());
  EXPECT_EQ(found.spoilers[0].kind, SpoilerKind::changing_time);
  EXPECT_EQ(found.spoilers[0].client, "clock");
  EXPECT_EQ(found.spoilers[0].requests, 19U);
  EXPECT_EQ(found.savings.requests, 40U);
  EXPECT_GT(found.savings.levels.back().factor, 2);
  EXPECT_EQ(found.savings.logged_mean_ms, 1000);
  EXPECT_FALSE(found.savings.assumptions.empty());
}

TEST(Audit, OfNothingFindsNothing) {
  const AuditFindings found = Audit(settings()).findings();
  EXPECT_EQ(found.traffic.requests, 0U);
  EXPECT_TRUE(found.spoilers.empty());
  EXPECT_TRUE(found.savings.levels.empty());
}

TEST(Audit, OfEmptyRequestsReplaysNothing) {
  Audit audit(settings());
  audit.see(Asked());
  const AuditFindings found = std::move(audit).findings();
  EXPECT_EQ(found.traffic.requests, 1U);
  EXPECT_TRUE(found.savings.levels.empty());
}

TEST(Audit, ClientsMayShareNothing) {
  for (const bool per_client : {false, true}) {
    AuditSettings apart = settings();
    apart.per_client = per_client;
    Audit audit(apart);
    for (const char* client : {"a", "b"}) audit.see(Asked(client).user({.pixels = "cat"}).text("what?"));
    EXPECT_EQ(std::move(audit).findings().reuse.questions.repeats, per_client ? 0U : 1U);
  }
}

TEST(Audit, TellsHowFarItIs) {
  Audit audit(settings());
  audit.see(Asked().user("what?"));
  double last = 0;
  std::move(audit).findings([&](double fraction) {
    EXPECT_GE(fraction, last);
    last = fraction;
  });
  EXPECT_DOUBLE_EQ(last, 1);
}

}  // namespace
}  // namespace fovea
