#include "profile/tier_guesses.h"

#include <gtest/gtest.h>

#include "profile/example_profile.h"
#include "store/lane/kind_traffic.h"

namespace fovea {
namespace {

TEST(TierGuesses, AreTheProfilesNumbers) {
  const Profile profile = test::example_profile();
  const TierGuesses guesses = tier_guesses(profile, profile.models[0]);
  ASSERT_TRUE(guesses.disk && guesses.shared);
  EXPECT_EQ(guesses.disk->wait_ms, 0.25);
  EXPECT_EQ(guesses.shared->bytes_per_ms, 100'000);
  const KindTraffic traffic(guesses.expected);
  EXPECT_EQ(traffic.average(RecordKind::embedding)->cost_ms, 4000);
  EXPECT_EQ(traffic.average(RecordKind::prefix)->cost_ms, 260);
  EXPECT_FALSE(traffic.average(RecordKind::tiling)) << "the profile says nothing of it";
}

TEST(TierGuesses, OfATierThatWasNotMeasuredThereAreNone) {
  Profile profile = test::example_profile();
  profile.tiers.resize(1);
  const TierGuesses guesses = tier_guesses(profile, profile.models[0]);
  EXPECT_TRUE(guesses.disk);
  EXPECT_FALSE(guesses.shared);
}

}  // namespace
}  // namespace fovea
