// What is advised, from profiles in which one thing is changed.
#include "profile/advice.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "profile/example_profile.h"

namespace fovea {
namespace {

class AdviceTest : public testing::Test {
 protected:
  Advice about(const std::string& topic) const {
    const auto all = advise(profile, profile.models[0], shares);
    const auto found = std::ranges::find(all, topic, &Advice::topic);
    EXPECT_NE(found, all.end()) << topic;
    return found == all.end() ? Advice{} : *found;
  }
  Profile profile = test::example_profile();
  ModelTimes& model = profile.models[0];
  const LoadShares shares{.repeat = 0.45, .known = 0.4, .fresh = 0.15};
};

TEST_F(AdviceTest, LevelsAreOnWithTheirFactors) {
  EXPECT_NEAR(about("embedding level").factor, 8426.0 / 401, 1e-9);
  EXPECT_NEAR(about("prefix level").factor, 401.0 / 150, 1e-9);
  EXPECT_NEAR(about("response level").factor, 8426.0 / 0.5, 1e-6);
  for (const char* level : {"embedding level", "prefix level", "response level", "all levels"})
    EXPECT_EQ(about(level).setting, "on, the default") << level;
  EXPECT_TRUE(about("embedding level").why.contains("401 ms in place of 8.43 s")) << about("embedding level").why;
}

TEST_F(AdviceTest, ALevelThatSavesNothingIsSwitchedOff) {
  model.state->in_ms = 400;
  EXPECT_EQ(about("prefix level").setting, "--prefix-cache 0");
  EXPECT_EQ(about("image order").setting, "--image-order as-sent");
  EXPECT_LT(about("prefix level").factor, 1);
}

TEST_F(AdviceTest, OneDraftedTokenAndOneAnswerAreSingular) {
  model.batches = {{1, 10}, {2, 30}, {4, 80}};
  EXPECT_TRUE(about("drafts").why.contains("where the drafted token is right")) << about("drafts").why;
  EXPECT_TRUE(about("parallel slots").why.starts_with("more answers at once give no more tokens a second"))
      << about("parallel slots").why;
}

TEST_F(AdviceTest, AModelWithoutStatesSaysWhy) {
  model.state.reset();
  model.state_obstacle = "it looks back through a window";
  EXPECT_TRUE(about("prefix level").setting.contains("window"));
}

TEST_F(AdviceTest, ATierIsWorthWhatComputingTakesLonger) {
  EXPECT_EQ(about("disk tier, embedding").setting, "--disk-cache DIR");
  EXPECT_NEAR(about("disk tier, embedding").factor, 4000 / (0.25 + 150'256.0 / 500'000), 1e-6);
  EXPECT_EQ(about("shared tier, prefix").setting, "--shared ADDRESS");
  profile.tiers[1].bytes_per_ms = 1000;  // 8 Mbit/s: three seconds for what is read in a quarter
  EXPECT_EQ(about("shared tier, prefix").setting, "left to the lane");
  EXPECT_GT(about("shared tier, embedding").factor, 1);
  profile.tiers.pop_back();
  EXPECT_TRUE(about("shared tier").why.contains("Mbit/s"));
}

TEST_F(AdviceTest, DraftsGoByTheStepsCosts) {
  EXPECT_EQ(about("drafts").setting, "--drafts auto --draft-max 3");
  EXPECT_DOUBLE_EQ(about("drafts").factor, 2);
  EXPECT_TRUE(about("drafts").why.contains("50 % of 1")) << about("drafts").why;
  model.batches = {{1, 10}, {2, 20}, {4, 40}, {8, 80}};
  EXPECT_EQ(about("drafts").setting, "--drafts off");
}

TEST_F(AdviceTest, ThreadsAndSlotsAreTheFastest) {
  EXPECT_EQ(about("threads").setting, "one a processor, the default");
  model.threads[1] = {2, 9000, 400, 20};
  EXPECT_EQ(about("threads").setting, "--threads 1");
  EXPECT_DOUBLE_EQ(about("threads").factor, 1);
  EXPECT_EQ(about("parallel slots").setting, "--parallel 4");
  EXPECT_DOUBLE_EQ(about("parallel slots").factor, 2);
  model.batches = {{1, 10}, {2, 25}};
  EXPECT_EQ(about("parallel slots").setting, "--parallel 1");
}

TEST_F(AdviceTest, DecodingIsComparedWithTheMemory) {
  EXPECT_TRUE(about("weights").why.contains("62 %")) << about("weights").why;  // 10 GB/s of 16
  model.batches[0].ms = 50;
  EXPECT_EQ(about("weights").setting, "not bound by memory");
}

TEST_F(AdviceTest, OfTwoModelsTheFasterIsNamed) {
  ModelTimes large = test::example_model("large");
  large.encode_ms = 1000;
  large.load.encode_ms = 1000;
  large.batches[0].ms = 100;
  const auto all = compare(model, large);
  const auto winner = [&](const std::string& topic) { return std::ranges::find(all, topic, &Advice::topic)->setting; };
  EXPECT_EQ(winner("first request"), "large");
  EXPECT_EQ(winner("a tile"), "large");
  EXPECT_EQ(winner("a token"), "example");
  EXPECT_DOUBLE_EQ(std::ranges::find(all, "a token", &Advice::topic)->factor, 10);
}

}  // namespace
}  // namespace fovea
