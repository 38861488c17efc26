#include "bench/pipeline_target.h"

#include <gtest/gtest.h>

#include "pictures/sources.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

class PipelineTargetTest : public testing::Test {
 protected:
  std::unique_ptr<PipelineTarget> open(const std::string& levels) {
    auto target = PipelineTarget::open(levels, engine, {});
    EXPECT_TRUE(target) << target.error().message;
    return std::move(*target);
  }
  Measured ask(PipelineTarget& target, const char* question = "What?") {
    const Request request{.messages = {{"user", {ImageSlot{0}, question}}}, .sources = {picture}};
    auto measured = target.ask(request, {});
    EXPECT_TRUE(measured) << measured.error().message;
    return std::move(*measured);
  }

  test::ScriptedEngine engine;
  const ImageSource picture = test::plain_png(4, 2, {255, 0, 0});
};

TEST_F(PipelineTargetTest, LevelsThatAreOffKeepNothing) {
  const auto none = open("none");
  ask(*none);
  EXPECT_EQ(ask(*none).levels.at("response"), "bypass");
  EXPECT_EQ(engine.generations, 2);
  const auto both = open("both");
  ask(*both);
  EXPECT_EQ(ask(*both).levels.at("response"), "hit");
  EXPECT_EQ(ask(*both, "Where?").levels.at("embedding"), "hit");
  EXPECT_EQ(ask(*both, "Where?").levels.at("prefix"), "bypass");
  const auto embeddings = open("embedding");
  ask(*embeddings);
  EXPECT_EQ(ask(*embeddings).levels.at("response"), "bypass");
  EXPECT_EQ(ask(*embeddings).levels.at("embedding"), "hit");
}

TEST_F(PipelineTargetTest, ARestartForgets) {
  const auto both = open("both");
  ask(*both);
  EXPECT_EQ(both->holdings()[0].entries, 1u);
  ASSERT_TRUE(both->restart());
  EXPECT_EQ(both->holdings()[0].entries, 0u);
  EXPECT_EQ(ask(*both).levels.at("response"), "miss");
}

TEST_F(PipelineTargetTest, NamesAreReadAndTold) {
  EXPECT_EQ(open("none")->about(), "this process, no cache");
  EXPECT_TRUE(open("response+prefix:lru")->about().ends_with("policy lru")) << open("response+prefix:lru")->about();
  EXPECT_FALSE(open("response+prefix:lru")->about().contains("embedding"));
  for (const char* wrong : {"", "l1", "response,prefix", "both:fifo", "both:", "+"}) {
    const auto target = PipelineTarget::open(wrong, engine, {});
    ASSERT_FALSE(target) << wrong;
    EXPECT_EQ(target.error().fault, Fault::invalid);
  }
  EXPECT_FALSE(PipelineTarget::open("both", engine, {.shared_bytes_max = 1000}));
}

}  // namespace
}  // namespace fovea
