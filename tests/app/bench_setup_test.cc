#include "app/bench_setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace fovea::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BenchSetup, BundledScenariosAndWhatFlagsChangeInThem) {
  const auto scenarios = scenarios_of({.scenarios = {"paper", FOVEA_SOURCE_DIR "/samples/scenarios/chat.json"},
                                       .requests = 7,
                                       .max_tokens = 3,
                                       .size = "64x32"});
  ASSERT_TRUE(scenarios) << scenarios.error().message;
  ASSERT_EQ(scenarios->size(), 2u);
  EXPECT_EQ((*scenarios)[0].workload.name, "paper");
  EXPECT_EQ((*scenarios)[1].workload.name, "chat");
  for (const Scenario& scenario : *scenarios) {
    EXPECT_EQ(scenario.workload.requests, 7u);
    EXPECT_EQ(scenario.max_tokens, 3);
    EXPECT_EQ(scenario.width, 64u);
    EXPECT_EQ(scenario.height, 32u);
  }
}

TEST(BenchSetup, AFolderOfPicturesHasNoControls) {
  const auto drawn = scenarios_of({.scenarios = {"paper"}});
  const auto given = scenarios_of({.scenarios = {"paper"}, .pictures = "/tmp"});
  ASSERT_TRUE(drawn && given);
  EXPECT_GT(drawn->front().control_every, 0u);
  EXPECT_EQ(given->front().control_every, 0u);
}

TEST(BenchSetup, WrongScenariosAreNamed) {
  const std::pair<BenchFlags, const char*> cases[] = {
      {{.scenarios = {"nosuch"}}, "there are chat, clips, driving, "},
      {{.scenarios = {"/nowhere.json"}}, "/nowhere.json"},
      {{.scenarios = {"paper"}, .size = "64"}, "--size: '64' is not a size"},
      {{.scenarios = {"paper"}, .size = "64x"}, "--size"},
      {{.scenarios = {"driving"}, .pictures = "/tmp"}, "--pictures: scenario driving needs pictures that change"}};
  for (const auto& [flags, part] : cases) {
    const auto scenarios = scenarios_of(flags);
    ASSERT_FALSE(scenarios) << part;
    EXPECT_THAT(scenarios.error().message, HasSubstr(part));
  }
}

TEST(BenchSetup, SeedsAreDifferentNumbers) {
  const auto seeds = seeds_of({.seeds = "3,1,2"});
  ASSERT_TRUE(seeds);
  EXPECT_THAT(*seeds, ElementsAre(3, 1, 2));
  for (const char* wrong : {"", "x", "1,", "1,1", "-1", "1 2"}) EXPECT_FALSE(seeds_of({.seeds = wrong})) << wrong;
}

TEST(BenchSetup, QuestionsAreAskedOnceEach) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("fovea-bench-setup-test-" + std::to_string(::getpid()));
  std::ofstream(file) << R"({"image": "a.jpg", "text": "Is it red?"})"
                         "\n"
                         R"({"image": "b.jpg", "text": "Is it red?"})"
                         "\n"
                      << R"({"image": "b.jpg", "text": "Is it blue?"})"
                         "\n";
  const auto questions = questions_of({.questions = file});
  std::filesystem::remove(file);
  ASSERT_TRUE(questions) << questions.error().message;
  EXPECT_THAT(*questions, ElementsAre("Is it red?", "Is it blue?"));
  const auto bundled = questions_of({});
  ASSERT_TRUE(bundled) << bundled.error().message;
  EXPECT_GT(bundled->size(), 10u);
  EXPECT_FALSE(questions_of({.questions = FOVEA_SOURCE_DIR "/samples/workloads/paper.json"}));
}

TEST(BenchSetup, ServersAreTargetsByName) {
  std::unique_ptr<VisionLanguageEngine> engine;
  const auto targets = targets_of({.urls = {"a=http://127.0.0.1:1/v1", "b=http://127.0.0.1:2/v1"}}, engine);
  ASSERT_TRUE(targets) << targets.error().message;
  ASSERT_EQ(targets->size(), 2u);
  EXPECT_EQ((*targets)[1].target->name(), "b");
  EXPECT_EQ(engine, nullptr) << "no model is needed";
}

TEST(BenchSetup, PipelinesShareOneEngine) {
  std::unique_ptr<VisionLanguageEngine> engine;
  BenchFlags flags{.levels = "none,both", .baseline_every = 5};
  flags.model.threads = 1;
  const auto targets = targets_of(flags, engine);
  ASSERT_TRUE(targets) << targets.error().message;
  ASSERT_EQ(targets->size(), 2u);
  EXPECT_EQ((*targets)[0].every, 5u) << "the baseline";
  EXPECT_EQ((*targets)[1].every, 1u);
  const VisionLanguageEngine* first = engine.get();
  ASSERT_NE(first, nullptr);
  ASSERT_TRUE(targets_of(flags, engine));
  EXPECT_EQ(engine.get(), first) << "it is opened once";
  const auto tokens = image_tokens(*engine, 128, 128);
  ASSERT_TRUE(tokens) << tokens.error().message;
  EXPECT_GT(*tokens, 0u);
}

TEST(BenchSetup, WrongTargetsAreNamed) {
  std::unique_ptr<VisionLanguageEngine> engine;
  const std::pair<BenchFlags, const char*> cases[] = {
      {{.urls = {"http://127.0.0.1:1/v1"}}, "has no name"},
      {{.urls = {"a=nowhere"}}, "--url: "},
      {{.urls = {"a=http://127.0.0.1:1/v1"}, .url_key_env = "FOVEA_NO_SUCH_KEY"}, "--url-key-env: "},
      {{.urls = {"a=http://127.0.0.1:1/v1", "a=http://127.0.0.1:2/v1"}}, "two targets have the name 'a'"}};
  for (const auto& [flags, part] : cases) {
    const auto targets = targets_of(flags, engine);
    ASSERT_FALSE(targets) << part;
    EXPECT_THAT(targets.error().message, HasSubstr(part));
  }
}

}  // namespace
}  // namespace fovea::app
