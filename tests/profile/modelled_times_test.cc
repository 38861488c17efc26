#include "profile/modelled_times.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"

namespace fovea {
namespace {

TEST(ModelledTimesOfAProfile, HaveItsTimesAndSizes) {
  const Profile profile = test::example_profile();
  const ModelledTimes times = modelled_times(profile, profile.models.front());
  EXPECT_EQ(times.model, "example");
  EXPECT_EQ(times.machine, "a machine");
  EXPECT_EQ(times.vision_fingerprint, profile.models.front().vision_fingerprint);
  EXPECT_EQ(times.text_fingerprint, profile.models.front().text_fingerprint);
  EXPECT_EQ(times.tiles, 2U);
  EXPECT_EQ(times.tile_tokens, 65U) << "150,000 bytes are 65.1 tokens of 576 numbers";
  EXPECT_EQ(times.preprocess_ms, 20);
  EXPECT_EQ(times.hash_ms, 2) << "of one of two tiles";
  EXPECT_EQ(times.encode_ms, 4000);
  EXPECT_EQ(times.image_prefill_ms, 130) << "of two tiles, of a prompt of 300 ms with a question of 40";
  EXPECT_EQ(text_prefill_ms(times, 512), 800);
  EXPECT_EQ(decode_step_ms(times, 4), 20);
  EXPECT_EQ(state_bytes(times, 128), 3'000'000U);
  EXPECT_DOUBLE_EQ(state_out_ms(times, 128), 1);
  EXPECT_DOUBLE_EQ(state_in_ms(times, 128), 9);
  EXPECT_EQ(times.answer_tokens, 10U);
}

TEST(ModelledTimesOfAProfile, NeedNothingThatOlderFilesLeaveOut) {
  Profile profile = test::example_profile();
  ModelTimes& model = profile.models.front();
  model.state.reset();
  model.load.answer_tokens = 0.2;
  model.load.prefill_ms = model.load.question_ms;
  model.tile_bytes = 1;
  const ModelledTimes times = modelled_times(profile, model);
  EXPECT_FALSE(times.has_states());
  EXPECT_EQ(times.answer_tokens, 1U) << "an answer has a token";
  EXPECT_EQ(times.tile_tokens, 1U);
  EXPECT_EQ(times.image_prefill_ms, 120);
  EXPECT_EQ(times.context_tokens, 8192U);
  model.context_tokens = 4'000'000'000;
  model.load.preprocess_ms = 1e9;
  EXPECT_EQ(modelled_times(profile, model).context_tokens, 1U << 24U);
  EXPECT_EQ(modelled_times(profile, model).preprocess_ms, 10'000);
  model.context_tokens = 4096;
  EXPECT_EQ(modelled_times(profile, model).context_tokens, 4096U);
}

}  // namespace
}  // namespace fovea
