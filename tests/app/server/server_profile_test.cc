#include "app/server/server_profile.h"

#include <gtest/gtest.h>

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
  }
  ServerProfile opened(const std::string& model = "example") const {
    EXPECT_TRUE(write_profile(profile, file));
    auto read = ServerProfile::open(file, model);
    EXPECT_TRUE(read) << read.error().message;
    return std::move(*read);
  }

  const ScratchFolder folder = std::move(*ScratchFolder::make("fovea-server-profile-test"));
  const std::string file = folder.path() / "p.json";
  const test::ScriptedEngine engine;
  Profile profile = test::example_profile();
};

TEST_F(ServerProfileTest, WithoutAFileNothingIsKnown) {
  const auto none = ServerProfile::open("", "example");
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->guesses().disk);
  EXPECT_EQ(none->check(engine).value(), "");
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
  EXPECT_EQ(opened("other").guesses().expected[0]->cost_ms, 1);
  EXPECT_FALSE(opened("other").check(engine));
}

TEST_F(ServerProfileTest, AnotherModelsIsRefused) {
  profile.models[0].text_fingerprint = KeyBuilder("another").finish().hex();
  const auto checked = opened().check(engine);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().fault, Fault::invalid);
  EXPECT_TRUE(checked.error().message.contains("fovea profile -o " + file)) << checked.error().message;
}

TEST_F(ServerProfileTest, AnotherMachinesIsTold) {
  profile.machine = "a far machine";
  EXPECT_TRUE(opened().check(engine)->contains("another machine (a far machine)"));
}

TEST_F(ServerProfileTest, AFileThatIsNoneIsRefused) {
  const auto none = ServerProfile::open("/no/such/p.json", "example");
  ASSERT_FALSE(none);
  EXPECT_TRUE(none.error().message.starts_with("--profile: /no/such/p.json")) << none.error().message;
}

}  // namespace
}  // namespace fovea::app
