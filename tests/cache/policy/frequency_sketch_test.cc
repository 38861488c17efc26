// FrequencySketch: never too low, seldom too high, and old counts fade.
#include "cache/policy/frequency_sketch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

#include "cache/policy/policy_harness.h"

namespace fovea {
namespace {

TEST(FrequencySketch, CountsUpToFifteen) {
  FrequencySketch sketch;
  EXPECT_EQ(sketch.frequency(42), 0U);
  for (unsigned i = 1; i <= 40; ++i) {
    sketch.count(42);
    EXPECT_EQ(sketch.frequency(42), std::min(i, 15U));
  }
}

// Compared with exact counts, which are capped and are halved (rounding down) when the sketch is.
TEST(FrequencySketch, NeverEstimatesTooLowAndSeldomTooHigh) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    std::vector<std::uint64_t> ids(2000);
    for (std::uint64_t& id : ids) id = random();
    std::map<std::uint64_t, unsigned> exact;
    FrequencySketch sketch;
    std::uint64_t halvings = 0;
    for (int i = 0; i < 100'000; ++i) {
      const std::uint64_t id = ids[std::min(drawn(random, 0, 1999), drawn(random, 0, 1999))];
      if (i % 50 == 0) sketch.fit(static_cast<std::uint64_t>(i) / 50);  // grows while it is in use
      sketch.count(id);
      exact[id] = std::min(exact[id] + 1, FrequencySketch::frequency_max);
      for (; halvings < sketch.halvings(); ++halvings)
        for (auto& [each, count] : exact) count /= 2;
      ASSERT_GE(sketch.frequency(id), exact[id]);
    }
    EXPECT_GT(halvings, 3U);
    int too_high = 0;
    for (const std::uint64_t id : ids) {
      ASSERT_GE(sketch.frequency(id), exact[id]);
      too_high += sketch.frequency(id) > exact[id] ? 1 : 0;
    }
    EXPECT_LT(too_high, 200) << "of 2000, with a table for as many";
  }
}

TEST(FrequencySketch, OldCountsFade) {
  FrequencySketch sketch;
  for (int i = 0; i < 15; ++i) sketch.count(42);
  Random random(1);
  while (sketch.halvings() < 6) sketch.count(random());
  EXPECT_LT(sketch.frequency(42), 15U);
}

}  // namespace
}  // namespace fovea
