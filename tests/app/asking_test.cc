// The warning about a model without attention.
#include "app/asking.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "app/read_source.h"
#include "pipeline/scripted_engine.h"

namespace fovea::app {
namespace {

// What standard error has after two different questions to a model without attention.
std::string warnings(const Display& display) {
  test::ScriptedEngine engine;
  Pipeline pipeline(engine, {});
  Interrupts interrupts;
  Asking asking(pipeline, interrupts, display);
  const ImageSource picture{read_source(FOVEA_SOURCE_DIR "/samples/one.png").value(), "one.png"};
  testing::internal::CaptureStderr();
  for (const std::string question : {"What color is it?", "What shape is it?"}) {
    const Request request{.messages = {{"user", {ImageSlot{0}, question}}},
                          .sources = {picture},
                          .attention = !display.heat_map.empty(),
                          .no_cache_read = !display.heat_map.empty()};
    const auto answer = asking.ask(request, question);
    EXPECT_TRUE(answer) << answer.error().message;
    EXPECT_TRUE(answer && answer->text.contains(question)) << "answers go on";
  }
  EXPECT_EQ(engine.generations, 2);
  return testing::internal::GetCapturedStderr();
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(Asking, WarnsOnceOfAModelWithoutAttention) {
  constexpr std::string_view sentence = "this model gives no attention";
  EXPECT_EQ(count(warnings({.by_importance = true}), sentence), 1u);
  const auto map = std::filesystem::temp_directory_path() / "fovea-asking-test-heat.png";
  EXPECT_EQ(count(warnings({.heat_map = map.string()}), sentence), 1u);
  EXPECT_FALSE(std::filesystem::exists(map));
  EXPECT_EQ(warnings({}), "") << "attention was not asked for";
}

}  // namespace
}  // namespace fovea::app
