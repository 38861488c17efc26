#include "profile/trace_costs.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"

namespace fovea {
namespace {

const ModelTimes model = test::example_model();

Lookup lookup(std::uint32_t request, TraceLevel level, std::uint64_t size) {
  return {.request = request, .cost_ms = 77, .size = size, .level = level};
}

// A tile 4 s, reading it 120 ms, a token 10 ms; a state of 3 MB stands for 128 tokens.
TEST(TraceCosts, SizesSayHowMuchThereWasToCompute) {
  Trace trace{.name = "t",
              .keys = 1,
              .lookups = {lookup(1, TraceLevel::response, 240), lookup(1, TraceLevel::embedding, 300'000),
                          lookup(2, TraceLevel::response, 240), lookup(3, TraceLevel::prefix, 1'500'000)}};
  set_costs(trace, model);
  EXPECT_DOUBLE_EQ(trace.lookups[0].cost_ms, 2 * 4120 + 10 * 10) << "all of its request";
  EXPECT_DOUBLE_EQ(trace.lookups[1].cost_ms, 8000);
  EXPECT_DOUBLE_EQ(trace.lookups[2].cost_ms, 100) << "another request, without a picture";
  EXPECT_DOUBLE_EQ(trace.lookups[3].cost_ms, 64 * 800.0 / 512);
  EXPECT_EQ(trace.lookups[1].size, 300'000u) << "sizes stay";
}

TEST(TraceCosts, AnAnswerHasATokenAtLeast) {
  Trace trace{.name = "t", .keys = 1, .lookups = {lookup(1, TraceLevel::response, 10)}};
  set_costs(trace, model);
  EXPECT_DOUBLE_EQ(trace.lookups[0].cost_ms, 10);
}

TEST(TraceCosts, NothingIsLeftOfATracesOwnCosts) {
  ModelTimes stateless = model;
  stateless.state.reset();
  Trace trace{.name = "t", .keys = 1, .lookups = {lookup(1, TraceLevel::prefix, 1000)}};
  set_costs(trace, stateless);
  EXPECT_EQ(trace.lookups[0].cost_ms, 0) << "this model keeps no prefixes";
}

TEST(TraceCosts, QuestionsGetTheMeasuredModel) {
  const ModelProfile profile = model_profile_of(model);
  EXPECT_EQ(profile.tile_bytes, 150'000u);
  ASSERT_EQ(profile.tiles.size(), 1u);
  EXPECT_EQ(profile.tiles[0].tiles, 2u);
  EXPECT_EQ(profile.encode_ms_per_tile, 4000);
  EXPECT_EQ(profile.prefill_ms_per_tile, 120);
  EXPECT_EQ(profile.ms_per_answer_token, 10);
  EXPECT_EQ(image_terms(profile, 5, 1).encode_ms, 8000);
}

}  // namespace
}  // namespace fovea
