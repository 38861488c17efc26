#include "engine/modelled/modelled_slot.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/modelled/modelled_layout.h"
#include "engine/modelled/modelled_state.h"
#include "engine/modelled/modelled_tiles.h"
#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

class ModelledSlotTest : public testing::Test {
 protected:
  std::unique_ptr<Slot> slot() { return ModelledSlot::acquire(device, times, *layout, 8, {.request = 1}).value(); }

  std::vector<std::vector<Blob>> embeddings_of(const std::string& picture) const {
    std::vector<Blob> tiles;
    for (int tile = 0; tile < 3; ++tile)
      tiles.push_back(made_embedding(times, KeyBuilder(picture).field(tile).finish()));
    return {tiles};
  }

  std::string answer_about(const std::string& picture) {
    const auto taken = slot();
    EXPECT_TRUE(taken->prefill(embeddings_of(picture), nullptr));
    return taken->generate({}, {}).value().text;
  }

  const ModelledTimes times = test::some_times();
  ModelledDevice device{times, 2};
  const std::vector<ImageSize> sizes = {{64, 64}};
  const std::unique_ptr<ModelledLayout> layout =
      ModelledLayout::make(times, {{"look at", ImageSlot{0}, "what is it?"}}, sizes, Overlong::refused).value();
};

TEST_F(ModelledSlotTest, AnswersFollowFromWhatWasFed) {
  EXPECT_EQ(answer_about("one"), answer_about("one"));
  EXPECT_NE(answer_about("one"), answer_about("other"));
}

TEST_F(ModelledSlotTest, TakesWhatTheProfileSays) {
  const auto taken = slot();
  ASSERT_TRUE(taken->prefill(embeddings_of("one"), nullptr));
  EXPECT_EQ(taken->cached_items(), layout->items().size());
  const double prompt = 3 * 2 + text_prefill_ms(times, 3);
  EXPECT_NEAR(taken->cost_ms(layout->items().size()), prompt, 1e-9);
  EXPECT_NEAR(taken->cost_ms(5), 3 * 2, 1e-9) << "two tokens in front of the tiles are in their time";
  EXPECT_EQ(taken->cost_ms(0), 0);
  ASSERT_TRUE(taken->generate({}, {}));
  EXPECT_NEAR(taken->spent_ms(), prompt + 7 * 2, 1e-2) << "the prompt gives the first of eight tokens";
}

TEST_F(ModelledSlotTest, BehindARestoredStateTheAnswerIsTheSame) {
  const std::string expected = answer_about("one");
  const std::size_t items = layout->items_with_pictures();
  std::optional<Blob> state;
  {
    const auto taken = slot();
    ASSERT_TRUE(taken->prefill(embeddings_of("one"), nullptr));
    state = taken->snapshot(items, 1 << 20);
    ASSERT_TRUE(state);
    EXPECT_EQ(state->size(), state_bytes(times, layout->tokens(items)));
    EXPECT_FALSE(taken->snapshot(items, 100)) << "it is larger";
  }
  const auto taken = slot();
  ASSERT_TRUE(taken->restore(items, *state, 77));
  EXPECT_EQ(taken->cached_items(), items);
  EXPECT_EQ(taken->cost_ms(items), 77);
  EXPECT_NEAR(taken->cost_ms(1), 77.0 / layout->tokens(items), 1e-9);
  EXPECT_FALSE(taken->snapshot(1, 1 << 20)) << "nothing is known of less than what was restored";
  ASSERT_TRUE(taken->prefill({}, nullptr)) << "no picture is needed";
  EXPECT_EQ(taken->generate({}, {}).value().text, expected);
}

TEST_F(ModelledSlotTest, AnotherStateIsNotTaken) {
  const std::string expected = answer_about("one");
  const auto taken = slot();
  ASSERT_TRUE(taken->restore(2, made_state(times, 2, layout->tokens(2), KeyBuilder("another's").finish()), 1));
  EXPECT_FALSE(taken->restore(2, Blob::copy_of("no state"), 1));
  EXPECT_EQ(taken->cached_items(), 0U);
  ASSERT_TRUE(taken->prefill(embeddings_of("one"), nullptr));
  EXPECT_EQ(taken->generate({}, {}).value().text, expected) << "nothing is left of the state before";
}

TEST_F(ModelledSlotTest, EmbeddingsOfAnotherShapeAreRefused) {
  const auto taken = slot();
  EXPECT_EQ(taken->prefill({}, nullptr).error().fault, Fault::corrupt);
  auto embeddings = embeddings_of("one");
  embeddings[0][1] = Blob::copy_of("short");
  EXPECT_EQ(taken->prefill(embeddings, nullptr).error().fault, Fault::corrupt);
}

TEST_F(ModelledSlotTest, AnswersEndAsTheyAreAskedTo) {
  const auto generated = [&](const GenerateOptions& options, std::string& streamed) {
    const auto taken = slot();
    EXPECT_TRUE(taken->prefill(embeddings_of("one"), nullptr));
    return taken->generate(options, [&](const Token&, std::string_view text) { streamed += text; }).value();
  };
  std::string streamed;
  const Generation whole = generated({}, streamed);
  EXPECT_EQ(streamed, whole.text);
  EXPECT_EQ(whole.tokens, 8);
  EXPECT_EQ(whole.finish_reason, FinishReason::stop);
  streamed.clear();
  const Generation cut = generated({.max_tokens = 2}, streamed);
  EXPECT_EQ(cut.text, "made up:");
  EXPECT_EQ(cut.finish_reason, FinishReason::length);
  streamed.clear();
  const Generation stopped = generated({.stop = {" up"}}, streamed);
  EXPECT_EQ(stopped.text, "made");
  EXPECT_EQ(streamed, "made");
  EXPECT_EQ(stopped.stop, " up");
  EXPECT_EQ(stopped.finish_reason, FinishReason::stop);
}

TEST_F(ModelledSlotTest, DrawnAnswersDifferUnlessASeedIsGiven) {
  const auto drawn = [&](std::optional<std::uint32_t> seed) {
    const auto taken = slot();
    EXPECT_TRUE(taken->prefill(embeddings_of("one"), nullptr));
    return taken->generate({.temperature = 1, .seed = seed}, {}).value().text;
  };
  EXPECT_EQ(drawn(1), drawn(1));
  EXPECT_NE(drawn(1), drawn(2));
  EXPECT_NE(drawn({}), drawn({})) << "with a chance of one in 4 thousand million";
}

TEST_F(ModelledSlotTest, AStopCancelsIt) {
  std::stop_source source;
  const auto taken =
      ModelledSlot::acquire(device, times, *layout, 8, {.request = 1, .stop = source.get_token()}).value();
  source.request_stop();
  EXPECT_EQ(taken->prefill(embeddings_of("one"), nullptr).error().fault, Fault::cancelled);
}

}  // namespace
}  // namespace fovea
