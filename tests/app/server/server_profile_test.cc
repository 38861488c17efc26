#include "app/server/server_profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "app/machine.h"
#include "base/scratch_folder.h"
#include "pipeline/scripted_engine.h"
#include "profile/example_profile.h"
#include "profile/profile_file.h"

namespace fovea::app {
namespace {

class ServerProfileTest : public testing::Test {
 protected:
  ServerProfileTest() {
    profile.models[0].vision_fingerprint = engine.vision.hex();
    profile.models[0].text_fingerprint = engine.text.hex();
    profile.machine = machine_line();
    profile.models[0].threads = {{1, 1, 1, 1}};
    if (const auto all = std::thread::hardware_concurrency(); all > 1)
      profile.models[0].threads.push_back({all, 1, 1, 1});
  }
  ServerProfile opened(const ModelFlags& model = {.model = "models/example.gguf", .mmproj = "m.gguf"}) const {
    EXPECT_TRUE(write_profile(profile, file));
    auto read = ServerProfile::open(file, model);
    EXPECT_TRUE(read) << read.error().message;
    return std::move(*read);
  }

  const ScratchFolder folder = std::move(*ScratchFolder::make("fovea-server-profile-test"));
  const std::string file = folder.path() / "p.json";
  test::ScriptedEngine engine;
  Profile profile = test::example_profile();
};

TEST_F(ServerProfileTest, WithoutAFileNothingIsKnown) {
  const auto none = ServerProfile::open("", {});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->guesses().disk);
  EXPECT_EQ(none->check(engine).value(), "");
  EXPECT_EQ(none->doubts(), "");
}

TEST_F(ServerProfileTest, LanesBeginWithItsNumbers) {
  EXPECT_EQ(opened().guesses().disk->bytes_per_ms, 500'000);
  EXPECT_EQ(opened().check(engine).value(),
            "the profile " + file + " of 2026-01-01T00:00:00Z: a tile 4.00 s, a token 10 ms");
}

TEST_F(ServerProfileTest, OfTwoModelsTheServedOneIsMeant) {
  profile.models.insert(profile.models.begin(), test::example_model("other"));
  profile.models[0].encode_ms = 1;
  EXPECT_EQ(opened().guesses().expected[0]->cost_ms, 4000);
  EXPECT_TRUE(opened().check(engine));
  EXPECT_EQ(opened({.model = "other.gguf"}).guesses().expected[0]->cost_ms, 1);
  EXPECT_FALSE(opened({.model = "other.gguf"}).check(engine));
}

TEST_F(ServerProfileTest, AnotherModelsIsRefused) {
  profile.models[0].text_fingerprint = KeyBuilder("another").finish().hex();
  const auto checked = opened().check(engine);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fault, Fault::invalid);
  EXPECT_TRUE(checked.error().message.contains("the model's files, context size, kernels or devices are others"))
      << checked.error().message;
  EXPECT_TRUE(checked.error().message.ends_with(
      "measure again: fovea profile -m models/example.gguf --mmproj m.gguf -o " + file))
      << checked.error().message;
}

TEST_F(ServerProfileTest, WhatDiffersIsSaidWithTheFlagsThatMeasureIt) {
  profile.models[0].text_fingerprint = KeyBuilder("another").finish().hex();
  profile.models[0].context_tokens = 2048;
  profile.models[0].kernels = "ggml";
  engine.model_facts.kernels = "f32";
  const auto checked =
      opened({.model = "new.gguf", .mmproj = "m.gguf", .threads = 1, .ctx_size = 1000, .kernels = "f32"}).check(engine);
  ASSERT_FALSE(checked);
  const std::string& said = checked.error().message;
  EXPECT_TRUE(said.contains("with the model example and not with new")) << said;
  EXPECT_TRUE(said.contains("a context of 2048 tokens and not of 1000")) << said;
  EXPECT_TRUE(said.contains("the kernels ggml and not with f32")) << said;
  EXPECT_TRUE(said.contains("fovea profile -m new.gguf --mmproj m.gguf --ctx-size 1000 --kernels f32 --threads 1 -o "))
      << said;
}

TEST_F(ServerProfileTest, AnotherMachinesIsTold) {
  profile.machine = "a far machine";
  EXPECT_TRUE(opened().doubts().contains("on another machine (a far machine)")) << opened().doubts();
}

TEST_F(ServerProfileTest, AnotherNumberOfThreadsIsTold) {
  EXPECT_EQ(opened().doubts(), "");
  profile.models[0].threads.back().threads = 1;
  const ModelFlags three{.model = "example", .threads = 3};
  EXPECT_TRUE(opened(three).doubts().contains("with --threads 1 and not 3")) << opened(three).doubts();
}

TEST_F(ServerProfileTest, AFileThatIsNoneIsRefused) {
  const auto none = ServerProfile::open("/no/such/p.json", {});
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().message.starts_with("--profile: /no/such/p.json")) << none.error().message;
}

}  // namespace
}  // namespace fovea::app
