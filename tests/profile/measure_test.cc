// What is opened and told, with an engine that only counts; the real one is in tests/app/profile_test.cc.
#include "profile/measure.h"

#include <gtest/gtest.h>

#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace fovea {
namespace {

TEST(Measure, ThreadsAreOneHalfAndAll) {
  using Counts = std::vector<std::uint32_t>;
  EXPECT_EQ(thread_counts(1), (Counts{1}));
  EXPECT_EQ(thread_counts(2), (Counts{1, 2}));
  EXPECT_EQ(thread_counts(3), (Counts{1, 3}));
  EXPECT_EQ(thread_counts(8), (Counts{1, 4, 8}));
}

TEST(Measure, AModelThatCannotBeOpenedIsAFaultAndProgressIsTold) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> opened;
  std::vector<std::string> told;
  double last = 0;
  MeasureInput input{.models = {{.name = "none",
                                 .open = [&](std::uint32_t threads,
                                             std::uint32_t slots) -> Result<std::unique_ptr<VisionLanguageEngine>> {
                                   opened.emplace_back(threads, slots);
                                   return fail(Fault::not_found, "no such file");
                                 }}},
                     .load = {.scenario = {}, .questions = {"What?"}},
                     .tiers = {},
                     .threads = 2,
                     .progress = [&](double fraction, std::string_view what) {
                       EXPECT_GT(fraction, last);
                       EXPECT_LE(fraction, 1);
                       last = fraction;
                       told.emplace_back(what);
                     }};
  const auto profile = measure_profile(input);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().message, "no such file");
  EXPECT_EQ(opened, (std::vector<std::pair<std::uint32_t, std::uint32_t>>{{0, 1}}));
  EXPECT_EQ(told, (std::vector<std::string>{"memory", "loading"}));
}

TEST(Measure, AStopOpensNoModel) {
  std::stop_source stop;
  stop.request_stop();
  int opened = 0;
  MeasureInput input{
      .models = {{.name = "none",
                  .open = [&](std::uint32_t, std::uint32_t) -> Result<std::unique_ptr<VisionLanguageEngine>> {
                    ++opened;
                    return fail(Fault::not_found, "no such file");
                  }}},
      .load = {.scenario = {}, .questions = {"What?"}, .stop = stop.get_token()},
      .tiers = {},
      .quick = true,
      .progress = {}};
  const auto profile = measure_profile(input);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().fault, Fault::cancelled);
  EXPECT_EQ(opened, 0);
}

}  // namespace
}  // namespace fovea
