#include "app/output/simulate_text.h"

#include <gtest/gtest.h>

#include <cmath>

#include "cluster/report/example_study.h"

namespace fovea::app {
namespace {

TEST(SimulateText, OneWayIsToldWhole) {
  const std::string text = simulate_text(test::example_study());
  EXPECT_TRUE(text.starts_with("example: 2 nodes (2 example), 1 shard; hash"));
  for (const char* part : {"Two boxes.", "mean ms", "a stored answer", "nothing: encoded", "encoder busy",
                           "fetched from the shared tier", "failed: node_died", "2 min 0 s of the fleet's time"})
    EXPECT_TRUE(text.contains(part)) << part << "\n" << text;
  EXPECT_FALSE(text.contains("haproxy")) << "one class: nothing to weigh";
}

TEST(SimulateText, SeveralWaysAreCompared) {
  FleetStudy study = test::example_study(true);
  const std::string text = simulate_text(study);
  EXPECT_TRUE(text.contains("nothing shared"));
  EXPECT_TRUE(text.contains("2.00x"));
  EXPECT_FALSE(text.contains("encoder busy"));
  EXPECT_FALSE(text.contains("back after s"));
  study.ways.back().way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 60, .nodes = {1}}};
  EXPECT_TRUE(simulate_text(study).contains("node box-2 dies"));
}

// Columns of numbers end together.
TEST(SimulateText, NumbersAreAlignedAtTheirRightEnds) {
  const std::string text = simulate_text(test::example_study(true));
  const std::size_t first = text.find("3000"), second = text.find("1500", text.find("hash, shared tier"));
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  const auto column = [&](std::size_t at) { return at - text.rfind('\n', at); };
  EXPECT_EQ(column(first), column(second));
  EXPECT_FALSE(text.contains(" \n")) << "no spaces at the ends of lines";
}

TEST(SimulateText, ClassesOfUnlikeSpeedHaveWeights) {
  FleetStudy study = test::example_study();
  NodeClass slow = study.fleet.classes[0];
  slow.name = "slow";
  slow.times.load.encode_once_ms *= 10;
  study.fleet.classes.push_back(slow);
  const std::string text = simulate_text(study);
  EXPECT_TRUE(text.contains("    server box-1 10.0.0.11:8080 id 1 weight 256\n")) << text;
  EXPECT_TRUE(text.contains("    server slow-2 10.0.0.14:8080 id 4 weight ")) << text;
}

}  // namespace
}  // namespace fovea::app
