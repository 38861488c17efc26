#include "engine/modelled/modelled_state.h"

#include <gtest/gtest.h>

#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

const Key fed = KeyBuilder("fed").finish();

TEST(ModelledState, IsAsLargeAsTheProfileSaysAndTellsWhatWasFed) {
  const ModelledTimes times = test::some_times();
  const Blob state = made_state(times, 7, 40, fed);
  EXPECT_EQ(state.size(), 4000U);
  EXPECT_EQ(fed_of(times, 7, 40, state), fed);
}

TEST(ModelledState, OfAnotherPromptIsNotTaken) {
  const ModelledTimes times = test::some_times();
  const Blob state = made_state(times, 7, 40, fed);
  EXPECT_FALSE(fed_of(times, 8, 40, state));
  EXPECT_FALSE(fed_of(times, 7, 41, state));
  std::string damaged(state.text());
  damaged[20] ^= 1;
  EXPECT_FALSE(fed_of(times, 7, 40, Blob::copy_of(damaged)));
  EXPECT_FALSE(fed_of(times, 7, 40, Blob()));
}

TEST(ModelledState, HasRoomForItsHead) {
  ModelledTimes times = test::some_times();
  times.state_bytes_of_token = 0.5;
  EXPECT_EQ(fed_of(times, 1, 1, made_state(times, 1, 1, fed)), fed);
}

}  // namespace
}  // namespace fovea
