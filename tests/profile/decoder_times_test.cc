// On the bundled model, since what is measured is how answers go on side by side.
#include "profile/decoder_times.h"

#include <gtest/gtest.h>

#include <array>

#include "engine/llama/llama_engine.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

std::unique_ptr<VisionLanguageEngine> bundled(std::uint32_t slots) {
  auto engine = llama::LlamaEngine::open({.model = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny.gguf",
                                          .mmproj = FOVEA_SOURCE_DIR "/models/tiny/fovea-tiny-mmproj.gguf",
                                          .threads = 1,
                                          .parallel = slots});
  EXPECT_TRUE(engine) << engine.error().message;
  return std::move(*engine);
}

TEST(DecoderTimes, PromptsHaveAboutTheLengthsAskedFor) {
  const auto engine = bundled(1);
  const std::array<std::uint32_t, 3> lengths = {8, 200, 1U << 20};
  const auto times = measure_prefill(*engine, lengths, {});
  ASSERT_TRUE(times) << times.error().message;
  ASSERT_EQ(times->size(), 2u) << "a longer one than the context is left out";
  EXPECT_GE((*times)[0].tokens, 8u);
  EXPECT_GE((*times)[1].tokens, 200u);
  EXPECT_LT((*times)[1].tokens, 330u);
  for (const BatchTime& time : *times) EXPECT_GT(time.ms, 0);
}

// A profile with two times for one length would be refused where it is read.
TEST(DecoderTimes, PromptsOfOneLengthAreMeasuredOnce) {
  const auto engine = bundled(1);
  const std::array<std::uint32_t, 3> lengths = {1, 2, 200};
  const auto times = measure_prefill(*engine, lengths, {});
  ASSERT_TRUE(times) << times.error().message;
  ASSERT_EQ(times->size(), 2u);
  EXPECT_LT((*times)[0].tokens, (*times)[1].tokens);
}

TEST(DecoderTimes, AnswersGoOnSideBySide) {
  const auto engine = bundled(2);
  const std::array<std::uint32_t, 3> answers = {1, 2, 4};
  const auto times = measure_batches(*engine, answers, 16, {});
  ASSERT_TRUE(times) << times.error().message;
  ASSERT_EQ(times->size(), 2u) << "there are two slots only";
  EXPECT_EQ((*times)[0].tokens, 1u);
  EXPECT_EQ((*times)[1].tokens, 2u);
  for (const BatchTime& time : *times) EXPECT_GT(time.ms, 0);
}

TEST(DecoderTimes, AnAnswerThatEndsCannotBeMeasured) {
  test::ScriptedEngine engine;
  const std::array<std::uint32_t, 1> one = {1};
  const auto times = measure_batches(engine, one, 16, {});
  ASSERT_FALSE(times);
  EXPECT_TRUE(times.error().message.contains("ended an answer"));
}

TEST(DecoderTimes, FaultsEndAllAnswers) {
  test::ScriptedEngine engine;
  engine.before_generate = [] { return fail(Fault::cancelled, "stopped"); };
  const std::array<std::uint32_t, 1> one = {1};
  EXPECT_EQ(measure_batches(engine, one, 16, {}).error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace fovea
