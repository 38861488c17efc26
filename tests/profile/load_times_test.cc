// With an engine that only counts: which parts are called, how often, and what becomes of its faults.
#include "profile/load_times.h"

#include <gtest/gtest.h>

#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

class LoadTimesTest : public testing::Test {
 protected:
  LoadTimesTest() {
    input.scenario.workload.name = "small";
    input.scenario.workload.requests = 20;
    input.scenario.width = input.scenario.height = 32;
    input.questions = {"What is it?", "Where is it?"};
    input.repeats = {.times_max = 3, .ms_max = 1e9};
  }
  Result<void> measure() { return measure_load(engine, input, counters, model); }

  const DeviceCounters counters;
  test::ScriptedEngine engine;
  LoadInput input;
  ModelTimes model;
};

// Tokens are the characters of "<user>" and the question, and 40 for each half of the picture.
TEST_F(LoadTimesTest, CountsAreThoseOfTheRequests) {
  ASSERT_TRUE(measure());
  EXPECT_EQ(model.tiles, 2u);
  EXPECT_EQ(model.tile_bytes, 8u);
  EXPECT_EQ(model.width, 2u);
  EXPECT_EQ(model.load.width, 32u);
  EXPECT_EQ(model.load.image_tokens, 80);
  EXPECT_NEAR(model.load.prompt_tokens, 6 + 80 + 12, 1);
  EXPECT_EQ(model.load.answer_tokens, 1);
  EXPECT_EQ(model.load.steps, 1) << "the token comes with the prompt, and its end with a step";
  EXPECT_EQ(model.image_prefill_ms, 40) << "what this engine says that a tile's tokens cost";
  ASSERT_TRUE(model.state);
  EXPECT_EQ(model.state->tokens, 6u + 80u);
  EXPECT_EQ(engine.encodes, 2 * (3 + 1 + 3)) << "three samples, and four requests of a pipeline";
  EXPECT_EQ(engine.generations, 3 + 1 + 3 + 3) << "with other questions about a picture; its repeats are hits";
  EXPECT_EQ(engine.restores, 3);
}

TEST_F(LoadTimesTest, AnAnswerThatIsCutTakesOneStepLess) {
  engine.finish_reason = FinishReason::length;
  ASSERT_TRUE(measure());
  EXPECT_EQ(model.load.steps, 0);
}

TEST_F(LoadTimesTest, OneSampleIsMadeHoweverLongItTakes) {
  input.repeats = {.times_max = 3, .ms_max = 0};
  ASSERT_TRUE(measure());
  EXPECT_EQ(engine.restores, 1);
}

TEST_F(LoadTimesTest, AModelWithoutStatesSaysWhy) {
  engine.obstacle = "its layers look back only";
  engine.goes_back = false;
  ASSERT_TRUE(measure());
  EXPECT_EQ(engine.restores, 3) << "a state that was kept on the way is one";
  EXPECT_EQ(model.state_obstacle, "");
}

TEST_F(LoadTimesTest, AStateThatIsNotTakenBackIsAFault) {
  engine.refuse_states = true;
  const auto measured = measure();
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().fault, Fault::internal);
}

TEST_F(LoadTimesTest, TheEnginesFaultsAreTold) {
  engine.before_encode = [] { return fail(Fault::cancelled, "stopped"); };
  EXPECT_EQ(measure().error().fault, Fault::cancelled);
  engine.before_encode = {};
  engine.before_generate = [] { return fail(Fault::internal, "broken"); };
  EXPECT_EQ(measure().error().message, "broken");
}

}  // namespace
}  // namespace fovea
