#include "app/load_trace.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "profile/example_profile.h"
#include "profile/profile_file.h"

namespace fovea::app {
namespace {

namespace fs = std::filesystem;

class LoadTrace : public testing::Test {
 protected:
  ~LoadTrace() override { fs::remove_all(folder); }
  std::string file(const std::string& name, const std::string& content) const {
    fs::create_directories(folder);
    std::ofstream(folder / name) << content;
    return folder / name;
  }
  std::string lookups() const { return file("trace.csv", "key,size,cost\na,10,1\nb,20,2\na,10,1\n"); }
  std::string questions() const {
    return file("questions.json", R"({"questions": [{"image_id": 1, "question": "What is it?", "question_id": 1},)"
                                  R"( {"image_id": 2, "question": "Where is it?", "question_id": 2}]})");
  }
  const fs::path folder = fs::temp_directory_path() / ("fovea-load-trace-test-" + std::to_string(::getpid()));
};

TEST_F(LoadTrace, RecordedLookups) {
  const auto trace = load_trace({.files = {lookups()}}, {});
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->keys, 2u);
  EXPECT_TRUE(load_trace({.files = {lookups()}, .format = "csv"}, {}));
  EXPECT_FALSE(load_trace({.files = {lookups()}, .format = "jsonl"}, {})) << "the flag is believed";
}

TEST_F(LoadTrace, QuestionsGetTheSizesOfAModelProfile) {
  TraceFlags flags{.files = {questions()}};
  const auto small = load_trace(flags, {});
  ASSERT_TRUE(small) << small.error().message;
  flags.model_profile = "llava-1.5-7b";
  const auto large = load_trace(flags, {});
  ASSERT_TRUE(large) << large.error().message;
  EXPECT_EQ(small->keys, large->keys);
  const auto bytes = [](const Trace& trace) {
    std::uint64_t all = 0;
    for (const Lookup& lookup : trace.lookups) all += lookup.size;
    return all;
  };
  EXPECT_NE(bytes(*small), bytes(*large));
  flags.model_profile = FOVEA_SOURCE_DIR "/samples/profiles/llava-1.5-7b.json";
  const auto named = load_trace(flags, {});
  ASSERT_TRUE(named) << named.error().message;
  EXPECT_EQ(bytes(*named), bytes(*large)) << "a bundled name, or its file";
}

TEST_F(LoadTrace, AMeasuredProfileGivesAllCosts) {
  const std::string measured = file("mine.json", to_json(test::example_profile()));
  const auto trace = load_trace({.files = {lookups()}, .profile = measured}, {});
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_NEAR(trace->lookups[0].cost_ms, 10.0 / 150'000 * 4000, 1e-9) << "an embedding of ten bytes";
  EXPECT_EQ(trace->lookups[0].size, 10u);
  const auto asked = load_trace({.files = {questions()}, .profile = measured}, {});
  ASSERT_TRUE(asked) << asked.error().message;
  const auto embedding = std::ranges::find(asked->lookups, TraceLevel::embedding, &Lookup::level);
  ASSERT_NE(embedding, asked->lookups.end());
  EXPECT_EQ(embedding->size, 300'000u) << "the two tiles of the profile";
  EXPECT_EQ(embedding->cost_ms, 8000);
  EXPECT_FALSE(load_trace({.files = {lookups()}, .profile = lookups()}, {})) << "a trace is no profile";
}

TEST_F(LoadTrace, AProfileThatIsNotThereIsAnsweredWithThoseThatAre) {
  const auto trace = load_trace({.files = {questions()}, .model_profile = "nosuch"}, {});
  ASSERT_FALSE(trace);
  EXPECT_EQ(trace.error().fault, Fault::not_found);
  EXPECT_TRUE(trace.error().message.contains("llava-1.5-7b, ")) << trace.error().message;
}

TEST_F(LoadTrace, WorkloadsAreGeneratedFromTheSeed) {
  const std::string workload = FOVEA_SOURCE_DIR "/samples/workloads/paper.json";
  const auto first = load_trace({.files = {workload}, .seed = 1}, {});
  const auto again = load_trace({.files = {workload}, .seed = 1}, {});
  const auto other = load_trace({.files = {workload}, .seed = 2}, {});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(again && other);
  const auto keys = [](const Trace& trace) {
    std::vector<std::uint32_t> all;
    for (const Lookup& lookup : trace.lookups) all.push_back(lookup.key);
    return all;
  };
  EXPECT_EQ(keys(*first), keys(*again));
  EXPECT_NE(keys(*first), keys(*other));
  const auto shuffled = load_trace({.files = {workload}, .order = "shuffle"}, {});
  ASSERT_FALSE(shuffled);
  EXPECT_TRUE(shuffled.error().message.contains("only questions can be shuffled")) << shuffled.error().message;
}

TEST_F(LoadTrace, FilesThatHoldNoQuestionsAreNotReadAsSuch) {
  const auto trace = load_trace({.files = {lookups()}, .format = "questions"}, {});
  ASSERT_FALSE(trace);
  EXPECT_TRUE(trace.error().message.contains("trace.csv: has no questions")) << trace.error().message;
  EXPECT_EQ(load_trace({.files = {"/nowhere.csv"}}, {}).error().fault, Fault::not_found);
}

}  // namespace
}  // namespace fovea::app
