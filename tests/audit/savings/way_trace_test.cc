#include "audit/savings/way_trace.h"

#include <gtest/gtest.h>

#include "audit/asked.h"
#include "profile/example_profile.h"

namespace fovea {
namespace {

using test::Asked;
using test::long_text;

class WayTraceTest : public testing::Test {
 protected:
  const WayRequest& see(const Asked& asked) {
    const AuditedRequest request = asked;
    trace.see(placer.place(request));
    return trace.requests().back();
  }
  RequestPlacer placer{ModelCosts(test::example_model()), false};
  WayTrace trace;
};

TEST_F(WayTraceTest, AStateIsLeftBehindTheLastPicture) {
  const WayRequest first = see(Asked().user({.pixels = "cat"}).text("what?"));
  EXPECT_EQ(first.candidates, 0);
  ASSERT_EQ(first.stores, 1);
  EXPECT_EQ(trace.prefix(trace.stores(first)[0]).pictures, 1U);
  EXPECT_EQ(first.pictures, 1);
  EXPECT_TRUE(WayPicture(trace.pictures(first)[0]).new_file());
  const WayRequest second = see(Asked().user({.pixels = "cat"}).text("where?"));
  ASSERT_EQ(second.candidates, 1);
  EXPECT_EQ(trace.candidates(second)[0], trace.stores(first)[0]);
  EXPECT_EQ(trace.stores(second)[0], trace.stores(first)[0]);
  EXPECT_EQ(WayPicture(trace.pictures(second)[0]).key(), WayPicture(trace.pictures(first)[0]).key());
  EXPECT_FALSE(WayPicture(trace.pictures(second)[0]).new_file());
  EXPECT_NE(second.answer, first.answer);
}

TEST_F(WayTraceTest, OnlyWhatCanBeStoredHasAnAnswer) {
  EXPECT_EQ(see(Asked().user("tell a joke").sampled()).answer, WayRequest::no_answer);
  const auto answer = see(Asked().user("what?")).answer;
  EXPECT_EQ(answer, 0U);
  EXPECT_EQ(see(Asked().user("what?")).answer, answer);
  EXPECT_EQ(trace.answer_keys(), 1U);
}

TEST_F(WayTraceTest, AStateIsLeftWherePromptsPart) {
  const std::string rules = long_text("Be kind.", 700);
  EXPECT_EQ(see(Asked().system(rules).user("one")).stores, 0);
  const WayRequest second = see(Asked().system(rules).user("two"));
  ASSERT_EQ(second.stores, 1);
  EXPECT_EQ(trace.prefix(trace.stores(second)[0]).size.bytes, static_cast<double>(rules.size()));
  const WayRequest third = see(Asked().system(rules).user("three"));
  ASSERT_EQ(third.candidates, 1);
  EXPECT_EQ(trace.candidates(third)[0], trace.stores(second)[0]);
}

TEST_F(WayTraceTest, AConversationGoesOnFromItsEnd) {
  const std::string hello = long_text("Hello", 300);
  const WayRequest first = see(Asked().user(hello));
  EXPECT_EQ(first.stores, 0);  // nobody answered yet: it may be no conversation
  const WayRequest second = see(Asked().user(hello).assistant("hi").user("how are you?"));
  const WayRequest third = see(Asked().user(hello).assistant("hi").user("how are you?").assistant("well").user("good"));
  ASSERT_GE(second.stores, 1);
  const auto whole = trace.stores(second).back();
  EXPECT_EQ(trace.prefix(whole).size.parts, 3);
  EXPECT_EQ(trace.candidates(third)[0], whole);  // the longest first
}

TEST_F(WayTraceTest, ShortPromptsLeaveNothing) {
  see(Asked().user("a").text("b"));
  EXPECT_EQ(see(Asked().user("a").text("c")).stores, 0);
  EXPECT_EQ(trace.prefix_keys(), 0U);
}

TEST_F(WayTraceTest, ARequestWithoutAPromptIsLeftOut) {
  const AuditedRequest request = Asked();
  trace.see(placer.place(request));
  EXPECT_TRUE(trace.requests().empty());
  EXPECT_TRUE(trace.complete());
}

}  // namespace
}  // namespace fovea
