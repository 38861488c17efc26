// Slots of the bundled model: their cached prefixes, which states are restored, and which are refused.
#include "engine/llama/decode/llama_slot.h"

#include <gtest/gtest.h>

#include <limits>

#include "engine/llama/llama_engine.h"
#include "engine/models.h"
#include "engine/prefix_hash.h"
#include "image/decode.h"
#include "pictures/sources.h"

namespace fovea::llama {
namespace {

std::unique_ptr<LlamaEngine> open_tiny(std::uint32_t ctx_size = 0) {
  return LlamaEngine::open({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = ctx_size}).value();
}

constexpr std::uint64_t any_size = std::numeric_limits<std::uint64_t>::max();

class LlamaSlots : public testing::Test {
 protected:
  struct LaidOut {
    std::unique_ptr<PromptLayout> layout;
    std::vector<Key> prefix_hashes;
  };

  LlamaSlots() {
    const ImageSource source = test::png(96, 96, [](std::uint32_t x, std::uint32_t y) -> test::Rgb {
      const bool inside = x > 24 && x < 72 && y > 24 && y < 72;
      return inside ? test::Rgb{220, 40, 40} : test::Rgb{255, 255, 255};
    });
    const DecodedImage image = decode(source.bytes.bytes()).value();
    auto tiled = engine->preprocess(image).value();
    for (std::size_t i = 0; i < tiled->tile_count(); ++i)
      embeddings[0].push_back(engine->encode(*tiled, i, {}).value().embedding);
  }

  LaidOut about(const std::string& question, LlamaEngine& by) const {
    const Prompt rendered = by.render(std::vector<Message>{{"user", {ImageSlot{0}, question}}}).value();
    auto layout = by.lay_out(rendered, std::vector<ImageSize>{{96, 96}}).value();
    auto prefix_hashes = hash_prefixes(KeyBuilder("root").finish(), layout->items(), std::vector<Key>{Key{}});
    return {std::move(layout), std::move(prefix_hashes)};
  }
  LaidOut about(const std::string& question) const { return about(question, *engine); }

  std::string answer(Slot& slot) {
    const auto prefilled = slot.prefill(embeddings, nullptr);
    if (!prefilled) return prefilled.error().message;
    return slot.generate({}, {}).value().text;
  }

  // The state behind the picture, and how many items that are.
  std::pair<Blob, std::size_t> state_behind_picture(LlamaEngine& by) {
    const LaidOut prompt = about("What shape is this?", by);
    const auto slot = by.acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
    answer(*slot);
    const std::size_t items = prompt.layout->items_with_pictures();
    return {slot->snapshot(items, any_size).value(), items};
  }

  std::unique_ptr<LlamaEngine> engine = open_tiny();
  std::vector<std::vector<Blob>> embeddings{{}};
};

TEST_F(LlamaSlots, ALayoutCountsTokensAndTiles) {
  const LaidOut prompt = about("What shape is this?");
  const PromptLayout& layout = *prompt.layout;
  const std::size_t tile = layout.items_with_pictures() - 1;
  ASSERT_TRUE(layout.items()[tile].tile);
  EXPECT_EQ(layout.tokens(tile + 1) - layout.tokens(tile), 64u);
  EXPECT_EQ(layout.tokens() + 1, layout.items().size() + 64);
}

TEST_F(LlamaSlots, TheCachedPrefixOfTheNextPromptEndsBehindTheImage) {
  const LaidOut first = about("What shape is this?"), second = about("What color is the square?");
  answer(*engine->acquire_slot(*first.layout, first.prefix_hashes, 64, {}).value());
  const auto slot = engine->acquire_slot(*second.layout, second.prefix_hashes, 64, {}).value();
  EXPECT_EQ(slot->cached_items(), second.layout->items_with_pictures()) << "though the questions begin alike";
  EXPECT_TRUE(slot->diverged());
  EXPECT_GT(slot->cost_ms(slot->cached_items()), 0);
  EXPECT_EQ(answer(*slot), "red");
}

TEST_F(LlamaSlots, WithoutPrefixHashesNothingIsCached) {
  const LaidOut prompt = about("What color is the square?");
  answer(*engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value());
  EXPECT_EQ(engine->acquire_slot(*prompt.layout, {}, 64, {}).value()->cached_items(), 0u);
  EXPECT_EQ(engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value()->cached_items(),
            prompt.layout->items_with_pictures())
      << "the request without prefix hashes took its place, and it was parked";
}

TEST_F(LlamaSlots, AStateIsRestoredAfterAnyOtherRequest) {
  const auto [state, items] = state_behind_picture(*engine);
  const LaidOut prompt = about("What color is the square?");
  answer(*engine->acquire_slot(*prompt.layout, {}, 64, {}).value());
  const auto slot = engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
  ASSERT_TRUE(slot->restore(items, state, 5));
  EXPECT_EQ(slot->cached_items(), items);
  EXPECT_DOUBLE_EQ(slot->cost_ms(items), 5);
  EXPECT_EQ(answer(*slot), "red");
}

TEST_F(LlamaSlots, AnotherEngineOfTheSameModelRestoresIt) {
  const auto [state, items] = state_behind_picture(*engine);
  const auto other = open_tiny();
  const LaidOut prompt = about("What color is the square?", *other);
  const auto slot = other->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
  ASSERT_TRUE(slot->restore(items, state, 5));
  EXPECT_EQ(answer(*slot), "red");
}

TEST_F(LlamaSlots, Incident15ADamagedStateIsRefusedAndTheAnswerIsRight) {
  const auto [whole, items] = state_behind_picture(*engine);
  const LaidOut prompt = about("What color is the square?");
  const std::string_view bytes = whole.text();
  std::vector<std::string> damaged = {"",
                                      "x",
                                      std::string(bytes.substr(0, 63)),
                                      std::string(bytes.substr(0, 64)),
                                      std::string(bytes.substr(0, bytes.size() - 1)),
                                      std::string(bytes) + "x"};
  for (std::size_t at = 0; at < bytes.size(); at += at < 64 ? 1 : bytes.size() / 40) {
    damaged.emplace_back(bytes);
    damaged.back()[at] = static_cast<char>(damaged.back()[at] ^ 4);
  }
  for (const std::string& state : damaged) {
    const auto slot = engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
    EXPECT_FALSE(slot->restore(items, Blob::copy_of(state), 1)) << state.size();
    EXPECT_EQ(slot->cached_items(), 0u);
  }
  EXPECT_EQ(answer(*engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value()), "red");
}

TEST_F(LlamaSlots, AStateOfAnotherLengthOrModelIsRefused) {
  const auto [state, items] = state_behind_picture(*engine);
  const LaidOut prompt = about("What color is the square?");
  EXPECT_FALSE(
      engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value()->restore(items - 1, state, 1));
  EXPECT_FALSE(
      engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value()->restore(items + 1, state, 1));

  VisionLanguageEngine& other = test::engine_of(test::TestModel::idefics3);
  const Prompt text = other.render(std::vector<Message>{{"user", {std::string(500, 'x')}}}).value();
  const auto layout = other.lay_out(text, {}).value();
  const auto prefix_hashes = hash_prefixes(Key{}, layout->items(), {});
  ASSERT_GT(layout->items().size(), layout->tokens(items));
  // As many positions as the state has, so that only the model differs.
  EXPECT_FALSE(
      other.acquire_slot(*layout, prefix_hashes, 64, {}).value()->restore(prompt.layout->tokens(items), state, 1));
}

TEST_F(LlamaSlots, AContextTooSmallForAStateRefusesIt) {
  const LaidOut large = about(std::string(600, 'y'));
  Blob state;
  std::size_t items = 0;
  {
    const auto slot = engine->acquire_slot(*large.layout, large.prefix_hashes, 64, {}).value();
    ASSERT_TRUE(slot->prefill(embeddings, nullptr));
    items = slot->cached_items() - 1;
    state = slot->snapshot(items, any_size).value();
  }
  ASSERT_GT(large.layout->tokens(), 256u);
  const auto small = open_tiny(256);
  const LaidOut prompt = about("What color is the square?", *small);
  const auto slot = small->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
  EXPECT_FALSE(slot->restore(prompt.layout->items_with_pictures(), state, 1));
  EXPECT_EQ(answer(*slot), "red");
}

TEST_F(LlamaSlots, AStateThatIsTooLargeIsNotSaved) {
  const LaidOut prompt = about("What color is the square?");
  const auto slot = engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
  ASSERT_TRUE(slot->prefill(embeddings, nullptr));
  const std::size_t items = prompt.layout->items_with_pictures();
  const std::size_t size = slot->snapshot(items, any_size).value().size();
  EXPECT_TRUE(slot->snapshot(items, size));
  EXPECT_FALSE(slot->snapshot(items, size - 1));
}

TEST_F(LlamaSlots, ASnapshotDisturbsNothing) {
  const LaidOut prompt = about("What color is the square?");
  const auto slot = engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {}).value();
  ASSERT_TRUE(slot->prefill(embeddings, nullptr));
  ASSERT_TRUE(slot->snapshot(prompt.layout->items_with_pictures(), any_size));
  ASSERT_TRUE(slot->snapshot(1, any_size));
  EXPECT_EQ(slot->generate({}, {}).value().text, "red");
}

TEST_F(LlamaSlots, AfterAStopTheSlotCanBeUsedAgain) {
  const LaidOut prompt = about("Describe the picture.");
  {
    std::stop_source stop;
    const auto slot =
        engine->acquire_slot(*prompt.layout, prompt.prefix_hashes, 64, {.stop = stop.get_token()}).value();
    ASSERT_TRUE(slot->prefill(embeddings, nullptr));
    EXPECT_FALSE(slot->generate({}, [&](const Token&, std::string_view) { stop.request_stop(); }));
  }
  const LaidOut next = about("What color is the square?");
  const auto slot = engine->acquire_slot(*next.layout, next.prefix_hashes, 64, {}).value();
  EXPECT_EQ(answer(*slot), "red");
}

}  // namespace
}  // namespace fovea::llama
