// Seats of the bundled model: what they hold, what is put back, and what is refused.
#include "engine/llama/llama_seat.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/llama/llama_engine.h"
#include "engine/models.h"
#include "engine/prefix_chain.h"
#include "image/decode.h"
#include "pictures/sources.h"

namespace fovea::llama {
namespace {

std::unique_ptr<LlamaEngine> open_tiny(std::uint32_t ctx_size = 0) {
  return LlamaEngine::open({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = ctx_size}).value();
}

constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

class LlamaSeats : public testing::Test {
 protected:
  struct Asked {
    std::unique_ptr<PromptLayout> layout;
    std::vector<Key> chain;
  };

  LlamaSeats() {
    const Source source = test::png(96, 96, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
      const bool inside = x > 24 && x < 72 && y > 24 && y < 72;
      return inside ? test::Rgb{220, 40, 40} : test::Rgb{255, 255, 255};
    });
    const Image image = decode(source.bytes.bytes()).value();
    auto tiled = engine->cut(image).value();
    for (std::size_t i = 0; i < tiled->tile_count(); ++i)
      embeddings[0].push_back(engine->encode(*tiled, i, {}).value().embedding);
  }

  Asked about(const std::string& question, LlamaEngine& by) const {
    const Prompt prompt = by.render(std::vector<Message>{{"user", {ImageSlot{0}, question}}}).value();
    auto layout = by.lay_out(prompt, std::vector<ImageSize>{{96, 96}}).value();
    auto chain = prefix_chain(KeyBuilder("root").finish(), layout->items(), std::vector<Key>{Key{}});
    return {std::move(layout), std::move(chain)};
  }
  Asked about(const std::string& question) const { return about(question, *engine); }

  std::string answer(Seat& seat) {
    const auto read = seat.read(embeddings, nullptr);
    if (!read) return read.error().message;
    return seat.generate({}, {}).value().text;
  }

  // The state behind the picture, and how many items that are.
  std::pair<Blob, std::size_t> state_behind_picture(LlamaEngine& by) {
    const Asked asked = about("What shape is this?", by);
    const auto seat = by.take_seat(*asked.layout, asked.chain, 64, {}).value();
    answer(*seat);
    const std::size_t items = asked.layout->items_with_pictures();
    return {seat->snapshot(items, any_size).value(), items};
  }

  std::unique_ptr<LlamaEngine> engine = open_tiny();
  std::vector<std::vector<Blob>> embeddings{{}};
};

TEST_F(LlamaSeats, ALayoutCountsTokensAndTiles) {
  const Asked asked = about("What shape is this?");
  const PromptLayout& layout = *asked.layout;
  const std::size_t tile = layout.items_with_pictures() - 1;
  ASSERT_TRUE(layout.items()[tile].tile);
  EXPECT_EQ(layout.tokens(tile + 1) - layout.tokens(tile), 64u);
  EXPECT_EQ(layout.tokens() + 1, layout.items().size() + 64);
}

TEST_F(LlamaSeats, HoldsWhatTheNextPromptSharesUpToThePicture) {
  const Asked first = about("What shape is this?"), second = about("What color is the square?");
  answer(*engine->take_seat(*first.layout, first.chain, 64, {}).value());
  const auto seat = engine->take_seat(*second.layout, second.chain, 64, {}).value();
  EXPECT_EQ(seat->held(), second.layout->items_with_pictures()) << "though the questions begin alike";
  EXPECT_TRUE(seat->parted());
  EXPECT_GT(seat->cost_ms(seat->held()), 0);
  EXPECT_EQ(answer(*seat), "red");
}

TEST_F(LlamaSeats, WithoutAChainNothingIsHeldOrRemembered) {
  const Asked asked = about("What color is the square?");
  answer(*engine->take_seat(*asked.layout, asked.chain, 64, {}).value());
  EXPECT_EQ(engine->take_seat(*asked.layout, {}, 64, {}).value()->held(), 0u);
  EXPECT_EQ(engine->take_seat(*asked.layout, asked.chain, 64, {}).value()->held(), 0u)
      << "the one without a chain took its place";
}

TEST_F(LlamaSeats, AStateIsPutBackAfterAnythingElse) {
  const auto [state, items] = state_behind_picture(*engine);
  const Asked asked = about("What color is the square?");
  answer(*engine->take_seat(*asked.layout, {}, 64, {}).value());
  const auto seat = engine->take_seat(*asked.layout, asked.chain, 64, {}).value();
  ASSERT_TRUE(seat->restore(items, state, 5));
  EXPECT_EQ(seat->held(), items);
  EXPECT_DOUBLE_EQ(seat->cost_ms(items), 5);
  EXPECT_EQ(answer(*seat), "red");
}

TEST_F(LlamaSeats, AnotherEngineOfTheSameModelTakesIt) {
  const auto [state, items] = state_behind_picture(*engine);
  const auto other = open_tiny();
  const Asked asked = about("What color is the square?", *other);
  const auto seat = other->take_seat(*asked.layout, asked.chain, 64, {}).value();
  ASSERT_TRUE(seat->restore(items, state, 5));
  EXPECT_EQ(answer(*seat), "red");
}

TEST_F(LlamaSeats, Incident15WhatIsDamagedIsRefusedAndTheAnswerIsRightAllTheSame) {
  const auto [whole, items] = state_behind_picture(*engine);
  const Asked asked = about("What color is the square?");
  const std::string_view bytes = whole.text();
  std::vector<std::string> damaged = {"",
                                      "x",
                                      std::string(bytes.substr(0, 55)),
                                      std::string(bytes.substr(0, 56)),
                                      std::string(bytes.substr(0, bytes.size() - 1)),
                                      std::string(bytes) + "x"};
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : bytes.size() / 40) {
    damaged.emplace_back(bytes);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 4);
  }
  for (const std::string& state : damaged) {
    const auto seat = engine->take_seat(*asked.layout, asked.chain, 64, {}).value();
    EXPECT_FALSE(seat->restore(items, Blob::copy_of(state), 1)) << state.size();
    EXPECT_EQ(seat->held(), 0u);
  }
  EXPECT_EQ(answer(*engine->take_seat(*asked.layout, asked.chain, 64, {}).value()), "red");
}

TEST_F(LlamaSeats, AStateOfAnotherLengthOrModelIsRefused) {
  const auto [state, items] = state_behind_picture(*engine);
  const Asked asked = about("What color is the square?");
  EXPECT_FALSE(engine->take_seat(*asked.layout, asked.chain, 64, {}).value()->restore(items - 1, state, 1));
  EXPECT_FALSE(engine->take_seat(*asked.layout, asked.chain, 64, {}).value()->restore(items + 1, state, 1));

  VisionLanguageEngine& other = test::engine_of(test::TestModel::idefics3);
  const Prompt text = other.render(std::vector<Message>{{"user", {std::string(500, 'x')}}}).value();
  const auto layout = other.lay_out(text, {}).value();
  const auto chain = prefix_chain(Key{}, layout->items(), {});
  ASSERT_GT(layout->items().size(), layout->tokens(items));
  // As many positions as the state has, so that only the model differs.
  EXPECT_FALSE(other.take_seat(*layout, chain, 64, {}).value()->restore(asked.layout->tokens(items), state, 1));
}

TEST_F(LlamaSeats, AContextTooSmallForAStateRefusesIt) {
  const Asked large = about(std::string(600, 'y'));
  Blob state;
  std::size_t items = 0;
  {
    const auto seat = engine->take_seat(*large.layout, large.chain, 64, {}).value();
    ASSERT_TRUE(seat->read(embeddings, nullptr));
    items = seat->held() - 1;
    state = seat->snapshot(items, any_size).value();
  }
  ASSERT_GT(large.layout->tokens(), 256u);
  const auto small = open_tiny(256);
  const Asked asked = about("What color is the square?", *small);
  const auto seat = small->take_seat(*asked.layout, asked.chain, 64, {}).value();
  EXPECT_FALSE(seat->restore(asked.layout->items_with_pictures(), state, 1));
  EXPECT_EQ(answer(*seat), "red");
}

TEST_F(LlamaSeats, AStateThatIsTooLargeIsNotCopied) {
  const Asked asked = about("What color is the square?");
  const auto seat = engine->take_seat(*asked.layout, asked.chain, 64, {}).value();
  ASSERT_TRUE(seat->read(embeddings, nullptr));
  const std::size_t items = asked.layout->items_with_pictures();
  const std::size_t size = seat->snapshot(items, any_size).value().size();
  EXPECT_TRUE(seat->snapshot(items, size));
  EXPECT_FALSE(seat->snapshot(items, size - 1));
}

TEST_F(LlamaSeats, ASnapshotDisturbsNothing) {
  const Asked asked = about("What color is the square?");
  const auto seat = engine->take_seat(*asked.layout, asked.chain, 64, {}).value();
  ASSERT_TRUE(seat->read(embeddings, nullptr));
  ASSERT_TRUE(seat->snapshot(asked.layout->items_with_pictures(), any_size));
  ASSERT_TRUE(seat->snapshot(1, any_size));
  EXPECT_EQ(seat->generate({}, {}).value().text, "red");
}

TEST_F(LlamaSeats, AStopLeavesASeatThatStartsAnew) {
  const Asked asked = about("Describe the picture.");
  {
    std::stop_source stop;
    const auto seat = engine->take_seat(*asked.layout, asked.chain, 64, {.stop = stop.get_token()}).value();
    ASSERT_TRUE(seat->read(embeddings, nullptr));
    EXPECT_FALSE(seat->generate({}, [&](const Token&, std::string_view) { stop.request_stop(); }));
  }
  const Asked next = about("What color is the square?");
  const auto seat = engine->take_seat(*next.layout, next.chain, 64, {}).value();
  EXPECT_EQ(answer(*seat), "red");
}

}  // namespace
}  // namespace fovea::llama
