#include "workload/scenario.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <format>

namespace fovea {
namespace {

TEST(Scenario, ReadsWhatIsThereAndDefaultsTheRest) {
  const auto scenario =
      parse_scenario(R"({"workload": {"name": "mine", "requests": 7}, "prompt": "chat", "turns_max": 3})");
  ASSERT_TRUE(scenario) << scenario.error().message;
  EXPECT_EQ(scenario->workload.requests, 7u);
  EXPECT_EQ(scenario->prompt, "chat");
  EXPECT_EQ(scenario->turns_max, 3u);
  EXPECT_EQ(scenario->width, 512u);
  EXPECT_EQ(scenario->workload.models.size(), 1u);
}

TEST(Scenario, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not a scenario"},
      {"{}", "\"name\" is missing"},
      {R"({"workload": {"name": "a"}, "promt": "chat"})", "not a scenario"},
      {R"({"workload": {"name": "a"}} x)", "not a scenario"},
      {R"({"workload": {"name": "../a"}})", "file names"},
      {R"({"workload": {"name": "a"}, "prompt": "shout"})", "\"prompt\""},
      {R"({"workload": {"name": "a"}, "pictures": "films"})", "\"pictures\""},
      {R"({"workload": {"name": "a"}, "moving": true})", "\"moving\""},
      {R"({"workload": {"name": "a"}, "width": 0})", "\"width\""},
      {R"({"workload": {"name": "a"}, "height": 100000})", "\"height\""},
      {R"({"workload": {"name": "a"}, "restart_after": 1})", "\"restart_after\""},
      {R"({"workload": {"name": "a"}, "max_tokens": 0})", "\"max_tokens\""},
      {R"({"workload": {"name": "a"}, "turns_max": 0})", "\"turns_max\""},
      {R"({"workload": {"name": "a"}, "pictures_per_request": 65})", "\"pictures_per_request\""},
      {R"({"workload": {"name": "a", "zipf": 11}})", "\"zipf\""},
  };
  for (const auto& [json, part] : cases) {
    const auto scenario = parse_scenario(json);
    ASSERT_FALSE(scenario) << json;
    EXPECT_EQ(scenario.error().fault, Fault::invalid);
    EXPECT_TRUE(scenario.error().message.contains(part)) << scenario.error().message;
  }
}

TEST(Scenario, TheBundledOnesAreRightAndNamedAsTheirFiles) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(FOVEA_SOURCE_DIR "/samples/scenarios")) {
    const auto scenario = read_scenario(entry.path().string());
    ASSERT_TRUE(scenario) << scenario.error().message;
    EXPECT_EQ(scenario->workload.name, entry.path().stem().string());
    EXPECT_TRUE(scenario->workload.about.ends_with(".")) << scenario->workload.name;
    ++count;
  }
  EXPECT_GE(count, 10);
}

TEST(Scenario, AFileThatIsNotThereIsNamed) {
  const auto scenario = read_scenario("/nowhere/scenario.json");
  ASSERT_FALSE(scenario);
  EXPECT_TRUE(scenario.error().message.contains("/nowhere/scenario.json"));
}

}  // namespace
}  // namespace fovea
