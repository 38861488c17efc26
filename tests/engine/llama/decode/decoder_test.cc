// What the steps of a decoder compute when several sit in it, driven by hand, step by step.
#include "engine/llama/decode/decoder.h"

#include <gtest/gtest.h>

#include "engine/models.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {
namespace {

class DecoderTest : public testing::Test {
 protected:
  // A request that is made step by step. `chained`: what it reads is remembered.
  struct Asked {
    Asked(DecoderTest& test, const std::string& text, std::int32_t tokens_max, bool chained = true)
        : layout(LlamaLayout::make(test.loaded, {.parts = {text}}, {}).value()),
          options{
              .temperature = 5, .seed = 1, .max_tokens = tokens_max},  // or most answers would be of no token or one
          task(new SlotTask{.layout = *layout,
                            .prefix_hashes = chained ? hash_prefixes(KeyBuilder("root").finish(), layout->items(), {})
                                                     : std::vector<Key>(),
                            .cells = layout->tokens() + static_cast<std::uint32_t>(tokens_max),
                            .caller = {0, test.requests++, stop.get_token()}}),
          decoder(test.decoder) {}
    ~Asked() {
      if (task->sequence != nullptr) decoder.leave(*task, layout->tokens(task->cached_items) + task->written);
    }
    Asked(const Asked&) = delete;
    Asked& operator=(const Asked&) = delete;

    void enter() { submit(&Decoder::queue); }
    void prefill() { submit(&Decoder::prefill); }
    void decode() {
      const llama_vocab& vocab = *llama_model_get_vocab(model);
      task->writer.emplace(vocab, Sampler::make(vocab, options, options.max_tokens).value(), options.stop,
                           options.max_tokens, on_token, false);
      submit(&Decoder::decode);
    }
    void submit(void (Decoder::*what)(SlotTask&)) {
      ended = task->ending.emplace().get_future();
      (decoder.*what)(*task);
    }
    bool done() const { return ended.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

    std::unique_ptr<LlamaLayout> layout;
    GenerateOptions options;
    std::stop_source stop;
    std::unique_ptr<SlotTask> task;
    Decoder& decoder;
    const llama_model* model = nullptr;
    std::vector<llama_token> tokens;
    TokenCallback on_token = [this](const Token& token, std::string_view) { tokens.push_back(token.id); };
    std::future<Result<void>> ended;
  };

  std::unique_ptr<Asked> ask(const std::string& text, std::int32_t tokens_max, bool chained = true) {
    auto asked = std::make_unique<Asked>(*this, text, tokens_max, chained);
    asked->model = loaded.model.get();
    return asked;
  }
  int steps_until(const Asked& asked) {
    int steps = 0;
    while (!asked.done() && steps < 10'000) steps += decoder.step() ? 1 : 0;
    EXPECT_TRUE(asked.done());
    return steps;
  }
  void slot(Asked& asked) {
    asked.enter();
    steps_until(asked);
    ASSERT_TRUE(asked.ended.get());
  }
  // The answer of one that is alone in a decoder of its own.
  std::vector<llama_token> alone(const std::string& text, std::int32_t tokens_max) {
    auto asked = ask(text, tokens_max, false);
    slot(*asked);
    asked->prefill();
    steps_until(*asked);
    EXPECT_TRUE(asked->ended.get());
    asked->decode();
    steps_until(*asked);
    EXPECT_TRUE(asked->ended.get());
    return asked->tokens;
  }
  static std::string words(int count, std::string_view word) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::string(word) + " ";
    return text;
  }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = 8192, .parallel = 3})
          .value();
  Decoder decoder{loaded};
  std::uint64_t requests = 0;
};

TEST_F(DecoderTest, NobodyWaitsMoreThanTwoStepsForItsFirstTokenWhileAnotherReads) {
  auto large = ask(words(2000, "blue"), 4);
  ASSERT_GT(large->layout->tokens(), 2000u);
  slot(*large);
  large->prefill();
  ASSERT_TRUE(decoder.step());
  auto small = ask("What color is it?", 4);
  small->enter();
  int steps = steps_until(*small);
  small->prefill();
  steps += steps_until(*small);
  small->decode();
  EXPECT_EQ(small->tokens.size(), 1u);
  EXPECT_LE(steps, 2);
  EXPECT_FALSE(large->done());
}

TEST_F(DecoderTest, WhoWritesGetsATokenEachStepWhileAnotherReads) {
  auto writer = ask("red red red", 200, false);
  slot(*writer);
  writer->prefill();
  steps_until(*writer);
  writer->decode();
  auto large = ask(words(2000, "blue"), 4);
  slot(*large);
  large->prefill();
  const std::size_t before = writer->tokens.size();
  const std::uint32_t cached_items = static_cast<std::uint32_t>(large->task->cached_items);
  for (int step = 1; step <= 5; ++step) {
    ASSERT_TRUE(decoder.step());
    ASSERT_FALSE(writer->done());
    EXPECT_EQ(writer->tokens.size(), before + static_cast<std::size_t>(step));
  }
  EXPECT_GT(large->task->cached_items, cached_items);
  EXPECT_LT(large->task->cached_items, large->layout->items().size());
}

TEST_F(DecoderTest, OneThatStopsLeavesTheOthersAsTheyWere) {
  // Behind its first words the model is undecided, and the rounding that a batch's company makes would choose.
  constexpr std::int32_t decided = 5;
  const auto expected = alone("What is red?", decided);
  auto first = ask("What is red?", decided), second = ask("What is blue?", 12), third = ask(words(600, "x"), 4);
  for (Asked* asked : {first.get(), second.get(), third.get()}) {
    slot(*asked);
    asked->prefill();
  }
  decoder.step();
  third->stop.request_stop();
  steps_until(*third);
  const auto stopped = third->ended.get();
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().fault, Fault::cancelled);
  steps_until(*first);
  steps_until(*second);
  first->decode();
  second->decode();
  second->stop.request_stop();
  steps_until(*first);
  EXPECT_EQ(first->tokens, expected);
  steps_until(*second);
  EXPECT_FALSE(second->ended.get());
}

TEST_F(DecoderTest, OneThatStopsKeepsWhatItHasRead) {
  const std::string text = words(600, "x");
  std::size_t cached_items = 0;
  {
    auto asked = ask(text, 4);
    slot(*asked);
    asked->prefill();
    ASSERT_TRUE(decoder.step());
    asked->stop.request_stop();
    steps_until(*asked);
    cached_items = asked->task->cached_items;
    EXPECT_GT(cached_items, 0u);
  }
  auto again = ask(text, 4);
  slot(*again);
  EXPECT_EQ(again->task->cached_items, cached_items);
}

TEST_F(DecoderTest, WhoWaitsForASequenceCanStopWaiting) {
  std::vector<std::unique_ptr<Asked>> seated;
  for (int i = 0; i < 3; ++i) slot(*seated.emplace_back(ask("?", 4)));
  auto waiting = ask("?", 4);
  waiting->enter();
  EXPECT_FALSE(decoder.step());
  EXPECT_FALSE(waiting->done());
  waiting->stop.request_stop();
  decoder.step();
  ASSERT_TRUE(waiting->done());
  EXPECT_FALSE(waiting->ended.get());
  auto next = ask("?", 4);
  next->enter();
  seated.pop_back();
  decoder.step();
  EXPECT_TRUE(next->done()) << "the one that stopped has no place in the queue";
}

// Cells are freed here and there, as requests of all lengths come and go; a state finds its place all the same.
TEST_F(DecoderTest, AFullContextOfShortAndLongComesAndGoesAndIsRightAtTheEnd) {
  const auto expected = alone("What is red?", 12);
  const std::string kept_text = words(300, "kept");
  auto kept = ask(kept_text, 4);
  slot(*kept);
  kept->prefill();
  steps_until(*kept);
  const std::size_t kept_items = kept->task->cached_items - 1;
  const Blob state = decoder.snapshot(*kept->task, kept_items, std::uint64_t{1} << 30).value();
  kept.reset();
  std::uint64_t chance = 1;
  const auto drawn = [&](std::uint64_t below) {
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((chance >> 33) % below);
  };
  std::vector<std::unique_ptr<Asked>> seated;
  for (int round = 0; round < 40; ++round) {
    if (seated.size() == 3) seated.erase(seated.begin() + drawn(3));
    auto asked = ask(words(1 + drawn(600), round % 3 ? "x" : "y") + std::to_string(drawn(5)), 1 + drawn(600));
    slot(*asked);
    asked->prefill();
    steps_until(*asked);
    ASSERT_TRUE(asked->ended.get());
    seated.push_back(std::move(asked));
    if (round % 10 != 9) continue;
    seated.erase(seated.begin());
    auto again = ask(kept_text, 4);
    slot(*again);
    EXPECT_TRUE(decoder.restore(*again->task, kept_items, state, 1)) << "round " << round;
  }
  seated.clear();
  EXPECT_EQ(alone("What is red?", 12), expected);
}

}  // namespace
}  // namespace fovea::llama
