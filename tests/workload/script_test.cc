#include "workload/script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace fovea {
namespace {

const std::vector<std::string> questions = {"What?", "Where?", "Why?"};

Scenario scenario_of(std::string json) {
  auto scenario = parse_scenario(json);
  EXPECT_TRUE(scenario) << scenario.error().message;
  return std::move(*scenario);
}

std::string text_of(const ScriptRequest& request) {
  std::string text;
  for (const ScriptPart& part : request.parts) {
    if (const auto* picture = std::get_if<PictureName>(&part))
      text += "[" + std::to_string(picture->number) + "." + std::to_string(picture->step) + "]";
    else
      text += std::get<std::string>(part);
  }
  return text;
}

TEST(Script, OneSeedOneScript) {
  const Scenario scenario = scenario_of(R"({"workload": {"name": "a", "requests": 50}})");
  const Script first = make_script(scenario, 5, questions), again = make_script(scenario, 5, questions);
  const Script other = make_script(scenario, 6, questions);
  ASSERT_EQ(first.requests.size(), 50u);
  bool differs = false;
  for (std::size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(text_of(first.requests[i]), text_of(again.requests[i]));
    differs = differs || text_of(first.requests[i]) != text_of(other.requests[i]);
  }
  EXPECT_TRUE(differs);
}

TEST(Script, AsksWhatTheTraceLooksUp) {
  const Scenario scenario = scenario_of(R"({"workload": {"name": "a", "requests": 300, "images": 20}})");
  const Script script = make_script(scenario, 42, questions);
  const Trace trace = generate_trace(scenario.workload, 42);
  std::set<std::uint32_t> responses, embeddings;
  for (std::size_t i = 0; i < 300; ++i) {
    const bool repeated = !responses.insert(trace.lookups[2 * i].key).second;
    const bool known = !embeddings.insert(trace.lookups[2 * i + 1].key).second;
    EXPECT_EQ(script.requests[i].kind, repeated ? RequestKind::repeat
                                       : known  ? RequestKind::known
                                                : RequestKind::fresh)
        << i;
  }
  EXPECT_EQ(script.pictures, embeddings.size() + 1) << "and the warm-up's";
}

TEST(Script, QuestionsBeyondThePoolAreOthers) {
  const Scenario scenario =
      scenario_of(R"({"workload": {"name": "a", "requests": 400, "images": 1, "questions": 9, "repeat": 0}})");
  std::set<std::string> texts;
  for (const ScriptRequest& request : make_script(scenario, 1, questions).requests) texts.insert(text_of(request));
  EXPECT_EQ(texts.size(), 9u);
  EXPECT_TRUE(texts.contains("[0.0]What? (3)"));
}

TEST(Script, AConversationBeginsWithItsPictureAndGoesOnWithout) {
  const Scenario scenario =
      scenario_of(R"({"workload": {"name": "a", "requests": 60, "images": 3}, "prompt": "chat", "turns_max": 4})");
  std::map<std::uint32_t, std::uint32_t> turns;
  for (const ScriptRequest& request : make_script(scenario, 3, questions).requests) {
    EXPECT_EQ(request.turn, turns[request.conversation]++);
    EXPECT_EQ(request.pictures(), request.turn == 0 ? 1u : 0u);
    EXPECT_LT(request.turn, 4u);
  }
  EXPECT_GE(turns.size(), 15u);
}

TEST(Script, ARetrievalHasItsPicturesAtChangingPlaces) {
  const Scenario scenario = scenario_of(
      R"({"workload": {"name": "a", "requests": 80, "images": 10}, "prompt": "retrieval", "pictures_per_request": 3})");
  std::set<std::string> orders;
  const Script script = make_script(scenario, 3, questions);
  for (std::size_t i = 0; i < script.requests.size(); ++i) {
    const ScriptRequest& request = script.requests[i];
    if (i > 20) {
      EXPECT_EQ(request.pictures(), 3u);
    }
    std::set<std::uint32_t> different;
    for (const ScriptPart& part : request.parts) {
      if (const auto* picture = std::get_if<PictureName>(&part)) different.insert(picture->number);
    }
    EXPECT_EQ(different.size(), request.pictures());
    orders.insert(text_of(request));
  }
  EXPECT_GT(orders.size(), 40u);
}

TEST(Script, AScreenIsSeenBeforeAndAfter) {
  const Scenario scenario = scenario_of(
      R"({"workload": {"name": "a", "requests": 6, "images": 1, "questions": 1, "repeat": 0, "same_image": 0}, "prompt": "screens", "pictures": "screen", "moving": true})");
  const Script script = make_script(scenario, 3, questions);
  EXPECT_EQ(text_of(script.requests[0]), "[0.0][0.0]What?");
  EXPECT_EQ(text_of(script.requests[1]), "[0.0][0.1]What?");
  EXPECT_EQ(text_of(script.requests[2]), "[0.1][0.2]What?");
  EXPECT_EQ(script.requests[1].kind, RequestKind::partly);
}

TEST(Script, AClipHasTheFramesSinceTheRequestBefore) {
  const Scenario scenario = scenario_of(
      R"({"workload": {"name": "a", "requests": 3, "images": 1, "questions": 1, "repeat": 0, "same_image": 0}, "prompt": "clip", "pictures": "frame", "moving": true, "pictures_per_request": 2})");
  const Script script = make_script(scenario, 3, questions);
  EXPECT_EQ(text_of(script.requests[0]), "[0.0][0.1]What?");
  EXPECT_EQ(text_of(script.requests[1]), "[0.2][0.3]What?");
  EXPECT_EQ(text_of(script.requests[2]), "[0.4][0.5]What?");
  EXPECT_EQ(script.requests[2].kind, RequestKind::fresh);
}

TEST(Script, ControlsStandBetweenAndAreLikeNothingElse) {
  const Scenario scenario = scenario_of(R"({"workload": {"name": "a", "requests": 30}, "control_every": 10})");
  const Script script = make_script(scenario, 3, questions);
  ASSERT_EQ(script.requests.size(), 33u);
  std::set<std::string> controls, others;
  for (const ScriptRequest& request : script.requests)
    (request.kind == RequestKind::control ? controls : others).insert(text_of(request));
  EXPECT_EQ(controls.size(), 3u);
  EXPECT_EQ(script.requests[10].kind, RequestKind::control);
  for (const std::string& control : controls) EXPECT_FALSE(others.contains(control));
}

}  // namespace
}  // namespace fovea
