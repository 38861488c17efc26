// A session that goes from picture to picture, in front of a pipeline with a small memory and a tier.
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"

namespace fovea {
namespace {

using test::ScriptedEngine;

class PrefetchTest : public testing::Test {
 protected:
  PrefetchTest() {
    auto tier = std::make_unique<test::FaultyTier>(TierKind::shared, &clock);
    tier->takes_ms(3);
    tiers.push_back(std::make_unique<TierLane>(
        std::move(tier), TierLaneOptions{.transfer = {.wait_ms = 3, .bytes_per_ms = 1e6}, .clock = &clock}));
    engine.before_encode = []() -> Result<void> {  // longer than asking the tier takes
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return {};
    };
  }

  PipelineOptions options(bool prefetch) {
    return {.embedding_bytes_max = 7000,  // some of them
            .prefix_bytes_max = 0,
            .response_bytes_max = 0,
            .policy = PolicyKind::lru,
            .tiers = &tiers,
            .prefetch = prefetch};
  }

  static Request about(int picture) {
    const auto shade = static_cast<std::uint8_t>(20 * picture);
    return {
        .messages = {{"user", {ImageSlot{0}, "what?"}}},
        .sources = {test::png(
            8, 8, [&](std::uint32_t x, std::uint32_t) { return test::Rgb{shade, static_cast<std::uint8_t>(x), 0}; })},
        .tenant = "alice",
        .session = KeyBuilder("session").finish()};
  }

  test::ManualClock clock;
  ScriptedEngine engine;
  Tiers tiers;
};

// On a busy machine a move takes longer, and those that come too late end the trials: then it is tried again
// with longer pauses. What matters is what comes of it in the end.
TEST_F(PrefetchTest, TheNextPictureIsFoundInMemory) {
  int in_memory = 0;
  PrefetchCounts counts;
  for (const int pause_ms : {5, 50, 300}) {
    Pipeline pipeline(engine, options(true));
    in_memory = 0;
    for (int asked = 0; pipeline.prefetch_counts()->used < 10 && asked < 200; ++asked) {
      const auto answer = pipeline.answer(about(asked % 10));
      ASSERT_TRUE(answer) << answer.error().message;
      if (farthest_tier(answer->report, CacheLevel::embedding) == TierKind::memory &&
          answer->report.embedding == Outcome::hit)
        ++in_memory;
      // Else memory may evict it before the tier has it.
      if (asked < 10) {
        ASSERT_TRUE(tiers[0]->wait_until_written(std::chrono::steady_clock::now() + std::chrono::hours(1)));
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
    }
    counts = *pipeline.prefetch_counts();
    if (counts.used >= 10) break;
  }
  EXPECT_GE(counts.used, 10U);
  EXPECT_GE(in_memory, 10);
  EXPECT_EQ(counts.issued, counts.used + counts.late + counts.wasted + counts.outstanding());
  EXPECT_EQ(engine.encodes, 20) << "each half of each picture once";
}

TEST_F(PrefetchTest, NobodyIsPredictedWithoutASession) {
  Pipeline pipeline(engine, options(true));
  for (int asked = 0; asked < 100; ++asked) {
    Request request = about(asked % 10);
    request.session.reset();
    ASSERT_TRUE(pipeline.answer(request));
  }
  EXPECT_EQ(pipeline.prefetch_counts()->tried + pipeline.prefetch_counts()->issued, 0U);
}

TEST_F(PrefetchTest, WithoutTiersOrWhereItIsOffThereIsNone) {
  PipelineOptions no_tiers = options(true);
  no_tiers.tiers = nullptr;
  EXPECT_FALSE(Pipeline(engine, no_tiers).prefetch_counts());
  EXPECT_FALSE(Pipeline(engine, options(false)).prefetch_counts());
}

}  // namespace
}  // namespace fovea
