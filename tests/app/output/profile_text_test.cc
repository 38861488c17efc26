#include "app/output/profile_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <glaze/glaze.hpp>

#include "profile/example_profile.h"

namespace fovea::app {
namespace {

constexpr LoadShares shares{.repeat = 0.45, .known = 0.4, .fresh = 0.15};

TEST(ProfileText, HasEveryNumberThatAPersonLooksFor) {
  const std::string text = profile_text(test::example_profile(), shares);
  for (const char* words :
       {"a machine\n", "2 threads\n", "disk tier", "load ", "encode a tile", "4.00 s", "2.50 instructions a cycle",
        "prefill 512 tokens", "decode 8 at once", "state out, in", "What to switch on for example\n", "embedding hit",
        "The mean over the paper's load", "16,852x", "drafts", "--drafts auto --draft-max 3"})
    EXPECT_TRUE(text.contains(words)) << words << "\n" << text;
  EXPECT_FALSE(text.contains("Which is faster")) << "there is one model";
}

TEST(ProfileText, SaysWhatTheSystemDoesNotCount) {
  Profile profile = test::example_profile();
  profile.counters = "perf_event_open is refused";
  EXPECT_TRUE(profile_text(profile, shares).contains("no device counters: perf_event_open is refused\n"));
}

TEST(ProfileText, TwoModelsAreCompared) {
  Profile profile = test::example_profile();
  profile.models.push_back(test::example_model("other"));
  const std::string text = profile_text(profile, shares);
  EXPECT_TRUE(text.contains("Which is faster here"));
  EXPECT_TRUE(text.contains("What to switch on for other"));
}

TEST(ProfileText, JsonIsOneLineWithAllOfIt) {
  Profile profile = test::example_profile();
  profile.models.push_back(test::example_model("other"));
  const std::string json = profile_json(profile, shares);
  EXPECT_EQ(std::ranges::count(json, '\n'), 1);
  glz::generic document;
  ASSERT_FALSE(glz::read_json(document, json)) << json;
  EXPECT_EQ(document["profile"]["fovea_profile"].get<double>(), 1);
  EXPECT_EQ(document["profile"]["models"][0]["encode_ms"].get<double>(), 4000);
  EXPECT_EQ(document["models"][0]["request_ms"]["no cache"].get<double>(), 8426);
  EXPECT_EQ(document["models"][0]["paper_load"][4]["levels"].get<std::string>(), "all");
  EXPECT_GT(document["models"][0]["paper_load"][4]["factor"].get<double>(), 1);
  EXPECT_EQ(document["models"][1]["advice"][0]["topic"].get<std::string>(), "embedding level");
  EXPECT_EQ(document["comparison"][0]["topic"].get<std::string>(), "first request");
}

}  // namespace
}  // namespace fovea::app
