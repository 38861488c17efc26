#include "engine/modelled/modelled_times.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

const ModelledTimes times{.tiles = 3,
                          .tile_tokens = 64,
                          .width = 576,
                          .preprocess_ms = 30,
                          .hash_ms = 2,
                          .encode_ms = 400,
                          .image_prefill_ms = 50,
                          .prefill = {{32, 64}, {512, 544}},
                          .decode = {{1, 10}, {2, 12}, {4, 20}},
                          .state_bytes_of_token = 23'000.5,
                          .state_out_ms_of_token = 0.01,
                          .state_in_ms_of_token = 0.1};

TEST(ModelledTimes, TextBetweenMeasuredLengthsLiesOnTheLine) {
  EXPECT_EQ(text_prefill_ms(times, 32), 64);
  EXPECT_EQ(text_prefill_ms(times, 132), 164);
  EXPECT_EQ(text_prefill_ms(times, 1012), 1044) << "beyond the last, the last line goes on";
}

TEST(ModelledTimes, ShortTextsTakeNoLongerThanOneTokenAfterAnother) {
  EXPECT_EQ(text_prefill_ms(times, 0), 0);
  EXPECT_EQ(text_prefill_ms(times, 3), 30);
  EXPECT_EQ(text_prefill_ms(times, 20), 64) << "20 steps of 10 ms are more than the shortest prompt that was measured";
}

TEST(ModelledTimes, AnswersSideBySideShareAStep) {
  EXPECT_EQ(decode_step_ms(times, 1), 10);
  EXPECT_EQ(decode_step_ms(times, 3), 16);
  EXPECT_EQ(decode_step_ms(times, 6), 28);
  const ModelledTimes alone{.prefill = {{16, 40}}, .decode = {{1, 10}}};
  EXPECT_EQ(decode_step_ms(alone, 8), 10) << "nothing else was measured";
}

TEST(ModelledTimes, NoTimeIsNegative) {
  const ModelledTimes falling{.prefill = {{16, 40}, {32, 10}}, .decode = {{1, 10}}};
  EXPECT_EQ(text_prefill_ms(falling, 1000), 0);
}

TEST(ModelledTimes, StatesGrowWithTheirTokens) {
  EXPECT_EQ(state_bytes(times, 100), 2'300'050U);
  EXPECT_DOUBLE_EQ(state_out_ms(times, 100), 1);
  EXPECT_DOUBLE_EQ(state_in_ms(times, 100), 10);
  EXPECT_TRUE(times.has_states());
  EXPECT_FALSE(ModelledTimes{}.has_states());
}

TEST(ModelledTimes, TilesWeighWhatTheirTokensDo) { EXPECT_EQ(times.tile_bytes(), 147'456U); }

}  // namespace
}  // namespace fovea
