// What the steps of a decoder compute for several slots, driven step by step.
#include "engine/llama/decode/decoder.h"

#include <gtest/gtest.h>

#include "engine/models.h"
#include "engine/prefix_hash.h"

namespace fovea::llama {
namespace {

class DecoderTest : public testing::Test {
 protected:
  // A request that is driven step by step. `remembered`: its sequence remembers what it holds.
  struct TestRequest {
    TestRequest(DecoderTest& test, const std::string& text, std::int32_t tokens_max, bool remembered = true)
        : layout(LlamaLayout::make(test.loaded, {.parts = {text}}, {}).value()),
          // Hot, since most greedy answers have one token or none.
          options{.temperature = 5, .seed = 1, .max_tokens = tokens_max},
          task(new SlotTask{.layout = *layout,
                            .prefix_hashes = remembered
                                                 ? hash_prefixes(KeyBuilder("root").finish(), layout->items(), {})
                                                 : std::vector<Key>(),
                            .cells = layout->tokens() + static_cast<std::uint32_t>(tokens_max),
                            .caller = {0, test.requests++, stop.get_token()}}),
          decoder(test.decoder) {}
    ~TestRequest() {
      if (task->sequence != nullptr)
        decoder.release(*task, layout->tokens(task->prefilled_items) + task->decoded_tokens);
    }
    TestRequest(const TestRequest&) = delete;
    TestRequest& operator=(const TestRequest&) = delete;

    void queue() { submit(&Decoder::queue); }
    void prefill() { submit(&Decoder::prefill); }
    void decode() {
      const llama_vocab& vocab = *llama_model_get_vocab(model);
      task->answer.emplace(vocab, Sampler::make(vocab, options, options.max_tokens).value(), options.stop,
                           options.max_tokens, on_token, false);
      submit(&Decoder::decode);
    }
    void submit(void (Decoder::*what)(SlotTask&)) {
      outcome = task->outcome.emplace().get_future();
      (decoder.*what)(*task);
    }
    bool done() const { return outcome.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

    std::unique_ptr<LlamaLayout> layout;
    GenerateOptions options;
    std::stop_source stop;
    std::unique_ptr<SlotTask> task;
    Decoder& decoder;
    const llama_model* model = nullptr;
    std::vector<llama_token> tokens;
    TokenCallback on_token = [this](const Token& token, std::string_view) { tokens.push_back(token.id); };
    std::future<Result<void>> outcome;
  };

  std::unique_ptr<TestRequest> request_of(const std::string& text, std::int32_t tokens_max, bool remembered = true) {
    auto request = std::make_unique<TestRequest>(*this, text, tokens_max, remembered);
    request->model = loaded.model.get();
    return request;
  }
  int steps_until(const TestRequest& request) {
    int steps = 0;
    while (!request.done() && steps < 10'000) steps += decoder.step() ? 1 : 0;
    EXPECT_TRUE(request.done());
    return steps;
  }
  void acquire_slot(TestRequest& request) {
    request.queue();
    steps_until(request);
    ASSERT_TRUE(request.outcome.get());
  }
  // The answer of a request while no other holds a slot.
  std::vector<llama_token> answer_alone(const std::string& text, std::int32_t tokens_max) {
    auto request = request_of(text, tokens_max, false);
    acquire_slot(*request);
    request->prefill();
    steps_until(*request);
    EXPECT_TRUE(request->outcome.get());
    request->decode();
    steps_until(*request);
    EXPECT_TRUE(request->outcome.get());
    return request->tokens;
  }
  // The test's thread is the engine's.
  static void directly(const std::function<void()>& part) { part(); }
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

TEST_F(DecoderTest, ARequestWaitsAtMostTwoStepsForItsFirstTokenWhileAnotherPrefills) {
  auto large = request_of(words(2000, "blue"), 4);
  ASSERT_GT(large->layout->tokens(), 2000u);
  acquire_slot(*large);
  large->prefill();
  ASSERT_TRUE(decoder.step());
  auto small = request_of("What color is it?", 4);
  small->queue();
  int steps = steps_until(*small);
  small->prefill();
  steps += steps_until(*small);
  small->decode();
  EXPECT_EQ(small->tokens.size(), 1u);
  EXPECT_LE(steps, 2);
  EXPECT_FALSE(large->done());
}

TEST_F(DecoderTest, AnAnswerGetsATokenEachStepWhileAnotherRequestPrefills) {
  auto answering = request_of("red red red", 200, false);
  acquire_slot(*answering);
  answering->prefill();
  steps_until(*answering);
  answering->decode();
  auto large = request_of(words(2000, "blue"), 4);
  acquire_slot(*large);
  large->prefill();
  const std::size_t before = answering->tokens.size();
  const std::uint32_t prefilled_items = static_cast<std::uint32_t>(large->task->prefilled_items);
  for (int step = 1; step <= 5; ++step) {
    ASSERT_TRUE(decoder.step());
    ASSERT_FALSE(answering->done());
    EXPECT_EQ(answering->tokens.size(), before + static_cast<std::size_t>(step));
  }
  EXPECT_GT(large->task->prefilled_items, prefilled_items);
  EXPECT_LT(large->task->prefilled_items, large->layout->items().size());
}

TEST_F(DecoderTest, ARequestThatStopsChangesNoOther) {
  // Only the first words are certain: later the logits are so close that rounding, which depends on the
  // batch, decides.
  constexpr std::int32_t decided = 5;
  const auto expected = answer_alone("What is red?", decided);
  auto first = request_of("What is red?", decided), second = request_of("What is blue?", 12),
       third = request_of(words(600, "x"), 4);
  for (TestRequest* request : {first.get(), second.get(), third.get()}) {
    acquire_slot(*request);
    request->prefill();
  }
  decoder.step();
  third->stop.request_stop();
  steps_until(*third);
  const auto stopped = third->outcome.get();
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
  EXPECT_FALSE(second->outcome.get());
}

TEST_F(DecoderTest, ARequestThatStopsKeepsWhatItPrefilled) {
  const std::string text = words(600, "x");
  std::size_t prefilled_items = 0;
  {
    auto request = request_of(text, 4);
    acquire_slot(*request);
    request->prefill();
    ASSERT_TRUE(decoder.step());
    request->stop.request_stop();
    steps_until(*request);
    prefilled_items = request->task->prefilled_items;
    EXPECT_GT(prefilled_items, 0u);
  }
  auto again = request_of(text, 4);
  acquire_slot(*again);
  EXPECT_EQ(again->task->prefilled_items, prefilled_items);
}

TEST_F(DecoderTest, ARequestThatWaitsForASequenceCanStop) {
  std::vector<std::unique_ptr<TestRequest>> running;
  for (int i = 0; i < 3; ++i) acquire_slot(*running.emplace_back(request_of("?", 4)));
  auto waiting = request_of("?", 4);
  waiting->queue();
  EXPECT_FALSE(decoder.step());
  EXPECT_FALSE(waiting->done());
  waiting->stop.request_stop();
  decoder.step();
  ASSERT_TRUE(waiting->done());
  EXPECT_FALSE(waiting->outcome.get());
  auto next = request_of("?", 4);
  next->queue();
  running.pop_back();
  decoder.step();
  EXPECT_TRUE(next->done()) << "the request that stopped is not in the queue";
}

// Requests of all lengths come and go, so free cells are scattered; a state can be restored all the same.
TEST_F(DecoderTest, AnswersAreRightAfterManyRequestsOfAllLengthsInAFullContext) {
  const auto expected = answer_alone("What is red?", 12);
  const std::string kept_text = words(300, "kept");
  auto kept = request_of(kept_text, 4);
  acquire_slot(*kept);
  kept->prefill();
  steps_until(*kept);
  const std::size_t kept_items = kept->task->prefilled_items - 1;
  const Blob state = decoder.snapshot(*kept->task, kept_items, std::uint64_t{1} << 30, directly).value();
  kept.reset();
  std::uint64_t chance = 1;
  const auto random_below = [&](std::uint64_t below) {
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return static_cast<int>((chance >> 33) % below);
  };
  std::vector<std::unique_ptr<TestRequest>> running;
  for (int round = 0; round < 40; ++round) {
    if (running.size() == 3) running.erase(running.begin() + random_below(3));
    auto request = request_of(words(1 + random_below(600), round % 3 ? "x" : "y") + std::to_string(random_below(5)),
                              1 + random_below(600));
    acquire_slot(*request);
    request->prefill();
    steps_until(*request);
    ASSERT_TRUE(request->outcome.get());
    running.push_back(std::move(request));
    if (round % 10 != 9) continue;
    running.erase(running.begin());
    auto again = request_of(kept_text, 4);
    acquire_slot(*again);
    EXPECT_TRUE(decoder.restore(*again->task, kept_items, state, 1, directly)) << "round " << round;
  }
  running.clear();
  EXPECT_EQ(answer_alone("What is red?", 12), expected);
}

}  // namespace
}  // namespace fovea::llama
