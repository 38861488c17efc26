#include "cluster/fleet_outcome.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fovea {
namespace {

TEST(FleetOutcome, EveryWayAndFailureHasItsName) {
  std::set<std::string_view> names;
  for (std::size_t way = 0; way < ways; ++way) names.insert(to_string(static_cast<Way>(way)));
  for (std::size_t i = 0; i < fleet_failures; ++i) names.insert(to_string(static_cast<FleetFailure>(i)));
  EXPECT_EQ(names.size(), ways + fleet_failures);
  EXPECT_EQ(to_string(Way::encoded), "encoded");
  EXPECT_EQ(to_string(Way::embedding_disk), "embedding_disk");
  EXPECT_EQ(to_string(FleetFailure::node_silent), "node_silent");
  EXPECT_EQ(to_string(FleetFailure::busy), "busy");
}

TEST(FleetOutcome, SharesAreOfWhatWasAnswered) {
  FleetOutcome outcome;
  EXPECT_EQ(outcome.share(3), 0);
  outcome.answered = 12;
  EXPECT_EQ(outcome.share(3), 0.25);
}

}  // namespace
}  // namespace fovea
