#include "audit/savings/way_replay.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "audit/asked.h"
#include "profile/example_profile.h"
#include "profile/request_cost.h"
#include "trace/mixed_bits.h"

namespace fovea {
namespace {

using test::Asked;

constexpr auto embedding = static_cast<std::size_t>(TraceLevel::embedding);
constexpr auto prefix = static_cast<std::size_t>(TraceLevel::prefix);
constexpr auto response = static_cast<std::size_t>(TraceLevel::response);

// A log whose requests are like the profile's own: one picture, 22 tokens of text, of which 10 are in front
// of the picture's end and 22 in all (the profile's prompt has 150 tokens, and its state stands for 128).
class WayReplayTest : public testing::Test {
 protected:
  void see(const Asked& asked) {
    const AuditedRequest request = asked;
    trace.see(placer.place(request));
  }
  static Asked about(const char* picture, const char* question) {
    return Asked().user({.pixels = picture}).text(question).usage(150, 10);
  }
  WayOutcome replay(const LevelsOn& on, const StorePlan& plan = {}) const {
    return replay_way(trace, costs, fit, on, plan);
  }

  const ModelTimes model = test::example_model();
  const ModelCosts costs{model};
  const TokenFit fit{.per_byte = 0.25, .per_part = 0};
  RequestPlacer placer{costs, false};
  WayTrace trace;
};

// The paper's load in small: what request_cost.h says of each request, by what it finds.
TEST_F(WayReplayTest, RequestsTakeWhatTheProfilePredicts) {
  see(about("cat", "what is it? 1234567890"));   // fresh
  see(about("cat", "what is it? 1234567890"));   // a repeat
  see(about("cat", "which colour is it? 789"));  // a known picture
  see(about("dog", "what is it? 1234567890"));   // fresh
  const double uncached = request_ms(model, Found::uncached), first = request_ms(model, Found::nothing);
  const double state_out = model.state->out_ms;

  const WayOutcome all = replay({.embedding = true, .prefix = true, .response = true});
  EXPECT_NEAR(all.baseline_ms, 4 * uncached, 1e-2);
  EXPECT_NEAR(all.total_ms, 2 * first + request_ms(model, Found::prefix) + request_ms(model, Found::response), 1e-2);
  EXPECT_EQ(all.hits[response], 1U);
  EXPECT_EQ(all.hits[prefix], 1U);
  EXPECT_EQ(all.hits[embedding], 0U);  // the prefix covers the picture
  EXPECT_EQ(all.lookups[embedding], 2U);

  const WayOutcome both = replay({.embedding = true, .response = true});
  EXPECT_NEAR(both.total_ms,
              2 * (first - state_out) + request_ms(model, Found::embedding) + request_ms(model, Found::response), 1e-2);
  const WayOutcome embeddings = replay({.embedding = true});
  EXPECT_NEAR(embeddings.total_ms, 2 * (first - state_out) + 2 * request_ms(model, Found::embedding), 1e-2);
  EXPECT_EQ(embeddings.hits[embedding], 2U);

  const WayOutcome nothing = replay({});
  EXPECT_NEAR(nothing.total_ms, nothing.baseline_ms, 1e-2);
}

TEST_F(WayReplayTest, CountsTokens) {
  see(about("cat", "what is it? 1234567890"));
  see(about("cat", "what is it? 1234567890"));
  see(about("cat", "which colour is it? 789"));
  const WayOutcome all = replay({.embedding = true, .prefix = true, .response = true});
  EXPECT_EQ(all.prompt_tokens, 450);
  EXPECT_EQ(all.picture_tokens, 3 * 128);
  EXPECT_EQ(all.answer_tokens, 30);
  EXPECT_NEAR(all.prompt_tokens_saved, 150 + 128, 1e-3);
  EXPECT_NEAR(all.picture_tokens_saved, 2 * 128, 1e-3);
  EXPECT_EQ(all.answer_tokens_saved, 10);
}

TEST_F(WayReplayTest, ASampledRequestIsAnsweredAnew) {
  see(about("cat", "what?").sampled());
  see(about("cat", "what?").sampled());
  const WayOutcome all = replay({.embedding = true, .prefix = true, .response = true});
  EXPECT_EQ(all.lookups[response], 0U);
  EXPECT_EQ(all.hits[prefix], 1U);
}

// Another file has to be opened, to see that it is the same picture.
TEST_F(WayReplayTest, AnotherFileOfAPictureIsOpened) {
  see(about("cat", "what?"));
  const double once = replay({.embedding = true}).total_ms;
  see(Asked().user({.pixels = "cat", .file = "other.png"}).text("what?").usage(150, 10));
  const WayOutcome outcome = replay({.embedding = true});
  EXPECT_EQ(outcome.hits[embedding], 1U);
  EXPECT_NEAR(outcome.total_ms - once, request_ms(model, Found::embedding) + model.load.open_ms, 1e-2);
}

TEST_F(WayReplayTest, AFullMemoryForgetsAndADiskDoesNot) {
  for (int round = 0; round < 3; ++round)
    for (const char* picture : {"a", "b", "c", "d"})
      see(about(picture, round == 0 ? "what?" : round == 1 ? "who?" : "why?"));
  const LevelsOn on{.embedding = true};
  EXPECT_EQ(replay(on).hits[embedding], 8U);
  StorePlan plan{.memory_bytes = 200'000, .policy = PolicyKind::lru};  // of one picture
  EXPECT_EQ(replay(on, plan).hits[embedding], 0U);
  plan.disk_bytes = 10'000'000;
  plan.disk = {.kind = "disk", .wait_ms = 1, .bytes_per_ms = 1'000'000, .write_bytes_per_ms = 1'000'000};
  const WayOutcome with_disk = replay(on, plan);
  EXPECT_EQ(with_disk.hits[embedding], 8U);
  EXPECT_EQ(with_disk.tier_hits, 8U);
  EXPECT_NEAR(with_disk.total_ms - replay(on).total_ms, 8 * (1 + 0.151), 0.1);
}

TEST_F(WayReplayTest, NodesFindEachOthersInTheSharedTier) {
  for (const char* question : {"what?", "who?", "why?", "when?"}) see(about("cat", question));
  const LevelsOn on{.embedding = true};
  StorePlan plan{.nodes = 2};
  EXPECT_EQ(replay(on, plan).hits[embedding], 2U);
  plan.shared = true;
  plan.network = {.kind = "shared", .wait_ms = 1, .bytes_per_ms = 100'000, .write_bytes_per_ms = 100'000};
  EXPECT_EQ(replay(on, plan).hits[embedding], 3U);
}

// Random requests beside plain sets of what is stored.
TEST_F(WayReplayTest, FindsWhatAPlainModelFinds) {
  std::set<std::pair<std::uint64_t, std::uint64_t>> answers;
  std::set<std::uint64_t> pictures;
  std::uint64_t answered = 0, answers_looked_up = 0, covered = 0, embedded = 0, computed = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const std::uint64_t draw = mixed_bits(i), picture = draw % 97, question = (draw >> 20) % 13;
    const bool sampled = (draw >> 40) % 5 == 0;
    Asked asked =
        about(("picture " + std::to_string(picture)).c_str(), ("question " + std::to_string(question)).c_str());
    if (sampled) asked.sampled();
    see(asked);
    answers_looked_up += sampled ? 0 : 1;
    if (!sampled && answers.contains({picture, question})) {
      ++answered;
      continue;
    }
    ++computed;
    ++(pictures.contains(picture) ? covered : embedded);
    pictures.insert(picture);
    if (!sampled) answers.emplace(picture, question);
  }
  const WayOutcome all = replay({.embedding = true, .prefix = true, .response = true});
  EXPECT_EQ(all.lookups[response], answers_looked_up);
  EXPECT_EQ(all.hits[response], answered);
  EXPECT_EQ(all.lookups[prefix], computed);
  EXPECT_EQ(all.hits[prefix], covered);
  EXPECT_EQ(all.lookups[embedding], embedded);
  EXPECT_EQ(all.hits[embedding], 0U);
  const WayOutcome both = replay({.embedding = true, .response = true});
  EXPECT_EQ(both.hits[embedding], covered);
  EXPECT_EQ(both.lookups[embedding], computed);
}

TEST_F(WayReplayTest, AModelWithoutStatesHasNoPrefixes) {
  see(about("cat", "what?"));
  see(about("cat", "who?"));
  ModelTimes hybrid = model;
  hybrid.state.reset();
  const WayOutcome outcome =
      replay_way(trace, ModelCosts(hybrid), fit, {.embedding = true, .prefix = true, .response = true}, {});
  EXPECT_EQ(outcome.lookups[prefix], 0U);
  EXPECT_EQ(outcome.hits[embedding], 1U);
}

}  // namespace
}  // namespace fovea
