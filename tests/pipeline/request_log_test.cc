// What requests looked up, written down and read back as a trace.
#include "pipeline/request_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <format>
#include <fstream>
#include <map>
#include <sstream>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"
#include "replay/replay.h"
#include "trace/read_trace.h"

namespace fovea {
namespace {

namespace fs = std::filesystem;

class RequestLogTest : public testing::Test {
 protected:
  ~RequestLogTest() override { fs::remove(file); }

  Request about(const ImageSource& source, const std::string& text) {
    Request request{.sources = {source}};
    request.messages.push_back({"user", {ImageSlot{0}, text}});
    return request;
  }

  Answer ask(const Request& request) {
    auto answer = pipeline.answer(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    if (!answer) return {};
    EXPECT_TRUE(log->add("a \"tenant\"\n", answer->report));
    return *std::move(answer);
  }

  Trace read_back() const {
    auto source = TraceSource::open(file);
    EXPECT_TRUE(source) << (source ? "" : source.error().message);
    auto trace = read_trace({&*source, 1}, {}, {});
    EXPECT_TRUE(trace) << (trace ? "" : trace.error().message);
    return std::move(trace).value_or(Trace{});
  }

  std::string text() const {
    std::stringstream content;
    content << std::ifstream(file).rdbuf();
    return content.str();
  }

  const fs::path file = fs::path(testing::TempDir()) / std::format("fovea-log-{}.jsonl", getpid());
  test::ScriptedEngine engine;
  Pipeline pipeline{engine, {.embedding_bytes_max = 1 << 20, .prefix_bytes_max = 0, .response_bytes_max = 1 << 20}};
  std::unique_ptr<RequestLog> log = RequestLog::open(file).value();
  const ImageSource red = test::plain_png(8, 8, {200, 0, 0});
  const ImageSource halves = test::png(8, 8, [](std::uint32_t x, std::uint32_t) -> test::Rgb {
    return {static_cast<std::uint8_t>(x < 4 ? 1 : 2), 0, 0};
  });
};

TEST_F(RequestLogTest, ReadsBackAsTheTraceOfWhatHappened) {
  ask(about(halves, "what?"));
  ask(about(halves, "where?"));
  ask(about(halves, "what?"));  // found: one line, completed by the reader
  const Trace trace = read_back();
  ASSERT_EQ(trace.lookups.size(), 9u) << text();
  EXPECT_EQ(trace.keys, 4u) << "two answers and two tiles";
  for (std::size_t request = 0; request < 3; ++request) {
    const Lookup& response = trace.lookups[3 * request];
    EXPECT_EQ(response.level, TraceLevel::response);
    EXPECT_GT(response.size, 0u);
    EXPECT_EQ(response.related, trace.lookups[1].key);
    for (std::size_t tile = 1; tile <= 2; ++tile) {
      EXPECT_EQ(trace.lookups[3 * request + tile].level, TraceLevel::embedding);
      EXPECT_EQ(trace.lookups[3 * request + tile].size, 8u);
      EXPECT_EQ(trace.lookups[3 * request + tile].request, request);
    }
  }
  EXPECT_EQ(trace.lookups[6].key, trace.lookups[0].key);
}

TEST_F(RequestLogTest, ReplayFindsTheHitsThatHappened) {
  std::uint64_t hits = 0;
  for (const char* words : {"what?", "where?", "what?", "when?", "where?"}) {
    const RequestReport report = ask(about(halves, words)).report;
    for (const LookupReport& lookup : report.lookups) hits += lookup.outcome == Outcome::hit ? 1 : 0;
  }
  const Trace trace = read_back();
  const ReplayOutcome outcome = replay(trace, PolicyKind::lru, BudgetPlan::shared(1 << 20));
  EXPECT_EQ(outcome.hits, hits) << text();
}

// The embeddings of a picture whose state was kept are not asked for. With a smaller budget they might have
// been.
TEST_F(RequestLogTest, AKeptPrefixHidesNoEmbeddings) {
  Pipeline with_prefixes(engine, {});
  for (const auto& [source, words] : {std::pair{halves, "what?"}, {red, "what?"}, {halves, "where?"}}) {
    const auto answer = with_prefixes.answer(about(source, words));
    ASSERT_TRUE(answer);
    ASSERT_TRUE(log->add("", answer->report));
  }
  const Trace trace = read_back();
  std::map<TraceLevel, int> lookups;
  for (const Lookup& lookup : trace.lookups) ++lookups[lookup.level];
  EXPECT_EQ(lookups[TraceLevel::response], 3) << text();
  EXPECT_EQ(lookups[TraceLevel::embedding], 6) << text();
  EXPECT_EQ(lookups[TraceLevel::prefix], 3) << text();
  EXPECT_EQ(trace.lookups.back().level, TraceLevel::embedding);
  EXPECT_EQ(trace.lookups.back().size, 8u);
}

TEST_F(RequestLogTest, SaysWhatBecameOfEachLookup) {
  ask(about(halves, "what?"));
  EXPECT_TRUE(text().contains(R"("outcome":"miss")"));
  EXPECT_FALSE(text().contains(R"("outcome":"hit")")) << text();
  ask(about(halves, "what?"));
  EXPECT_TRUE(text().contains(R"("outcome":"hit")"));
  Request fresh = about(halves, "what?");
  fresh.cache.read = false;
  ask(fresh);
  EXPECT_TRUE(text().contains(R"("outcome":"bypass")"));
}

TEST_F(RequestLogTest, SaysWhatIsApproximate) {
  RequestReport report = ask(about(halves, "what?")).report;
  EXPECT_FALSE(text().contains("approximate"));
  report.frames = FramesReport{.tiles = 2, .tiles_near = 0};
  ASSERT_TRUE(log->add("", report));
  EXPECT_FALSE(text().contains("approximate"));
  report.frames->tiles_near = 1;
  ASSERT_TRUE(log->add("", report));
  EXPECT_TRUE(text().contains(R"("approximate":true)"));
  read_back();
}

TEST_F(RequestLogTest, HoldsNoContent) {
  ask(about(red, "a secret question"));
  EXPECT_FALSE(text().contains("secret")) << text();
  EXPECT_FALSE(text().contains(red.name)) << text();
}

TEST_F(RequestLogTest, IsItsOwnersAlone) {
  struct stat status{};
  ASSERT_EQ(stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(RequestLogTest, AFailedRequestLeavesNoLine) {
  engine.before_generate = []() -> Result<void> { return fail(Fault::internal, "broken"); };
  EXPECT_FALSE(pipeline.answer(about(red, "what?")));
  EXPECT_EQ(text(), "");
}

TEST_F(RequestLogTest, ASecondRunAppendsRequestsOfItsOwn) {
  ask(about(red, "what?"));
  log = RequestLog::open(file).value();
  ask(about(halves, "what?"));
  const Trace trace = read_back();
  EXPECT_NE(trace.lookups.front().request, trace.lookups.back().request);
}

TEST_F(RequestLogTest, AFullDiskEndsTheLogAndNothingElse) {
  auto full = RequestLog::open("/dev/full");
  ASSERT_TRUE(full);
  const RequestReport report = ask(about(red, "what?")).report;
  const auto first = (*full)->add("", report);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().fault, Fault::unavailable);
  EXPECT_TRUE((*full)->add("", report)) << "said once";
}

TEST(RequestLog, AFileThatCannotBeMadeIsSaid) {
  const auto log = RequestLog::open("/nowhere/requests.jsonl");
  ASSERT_FALSE(log);
  EXPECT_TRUE(log.error().message.starts_with("/nowhere/requests.jsonl: ")) << log.error().message;
}

}  // namespace
}  // namespace fovea
