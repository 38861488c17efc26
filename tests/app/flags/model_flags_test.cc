#include "app/flags/model_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace fovea::app {
namespace {

TEST(ModelFlags, AModelIsTwoFiles) {
  for (const char* words : {"-m model.gguf", "--model model.gguf", "--mmproj mmproj.gguf"}) {
    CLI::App verb;
    ModelFlags flags;
    add_model_flags(verb, flags);
    EXPECT_THROW(verb.parse(words), CLI::RequiresError) << words;
  }
  CLI::App verb;
  ModelFlags flags;
  add_model_flags(verb, flags);
  verb.parse("-m model.gguf --mmproj mmproj.gguf --threads 2 --ctx-size 4096 --gpu-layers 0");
  EXPECT_EQ(flags.model, "model.gguf");
  EXPECT_EQ(flags.mmproj, "mmproj.gguf");
  EXPECT_EQ(flags.threads, 2);
  EXPECT_EQ(flags.ctx_size, 4096u);
  EXPECT_EQ(flags.gpu_layers, 0);
}

TEST(ModelFlags, NumbersHaveLimits) {
  for (const char* words : {"--threads 0", "--threads 1025", "--ctx-size 255", "--threads many", "--gpu-layers -2"}) {
    CLI::App verb;
    ModelFlags flags;
    add_model_flags(verb, flags);
    EXPECT_THROW(verb.parse(words), CLI::ParseError) << words;
  }
}

TEST(ModelFlags, WithoutAFileTheBundledModelIsOpened) {
  const auto engine = open_engine({.threads = 1});
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_FALSE((*engine)->has_attention()) << "no layer's attention was asked for";
}

TEST(ModelFlags, ThatNothingIsDraftedIsToldToWhomAskedForIt) {
  ModelFlags flags{.threads = 1, .ctx_size = 512, .attention_layers = "all", .drafts = "on"};
  const auto engine = open_engine(flags);
  ASSERT_TRUE(engine) << engine.error().message;
  EXPECT_EQ(without_drafts(flags, **engine),
            "--drafts: there are none: attention is observed, which needs one token in each step");
  for (const char* nobody_asked : {"", "off"}) {
    flags.drafts = nobody_asked;
    EXPECT_EQ(without_drafts(flags, **engine), "");
  }
}

TEST(ModelFlags, AFileThatIsNotThereIsNamed) {
  const auto engine = open_engine({.model = "/nowhere/model.gguf", .mmproj = "/nowhere/mmproj.gguf"});
  ASSERT_FALSE(engine);
  EXPECT_TRUE(engine.error().message.contains("/nowhere/m")) << engine.error().message;
}

TEST(ModelFlags, DraftsAreMadeWhereSeveralRequestsAreComputedSideBySide) {
  const auto drafts = [](const char* when, std::uint32_t parallel) {
    return open_engine({.threads = 1, .ctx_size = 512, .parallel = parallel, .drafts = when})
        .value()
        ->draft_obstacle()
        .empty();
  };
  EXPECT_TRUE(drafts("", 2));
  EXPECT_FALSE(drafts("", 1)) << "each request is computed as if alone";
  EXPECT_TRUE(drafts("auto", 1)) << "unless the user gives that up";
  EXPECT_FALSE(drafts("off", 2));
  CLI::App verb;
  ModelFlags flags;
  add_model_flags(verb, flags);
  EXPECT_THROW(verb.parse("--drafts sometimes"), CLI::ParseError);
  EXPECT_THROW(verb.parse("--draft-max 0"), CLI::ParseError);
}

TEST(ModelFlags, ADraftModelAsksForDrafts) {
  for (const char* words : {"--draft small.gguf", "--model-draft small.gguf"}) {
    CLI::App verb;
    ModelFlags flags;
    add_model_flags(verb, flags);
    verb.parse(words);
    EXPECT_EQ(flags.draft, "small.gguf");
  }
  const auto refused = open_engine({.threads = 1, .ctx_size = 512, .draft = "/nowhere/small.gguf"});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("/nowhere/small.gguf")) << refused.error().message;
  EXPECT_TRUE(open_engine({.threads = 1, .ctx_size = 512, .drafts = "off", .draft = "/nowhere/small.gguf"}))
      << "what nobody uses is not read";
}

}  // namespace
}  // namespace fovea::app
