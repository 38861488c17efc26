// Times of the example are round, so speeds can be counted by hand.
#include "cluster/node_weights.h"

#include <gtest/gtest.h>

#include "engine/modelled/modelled_times.h"
#include "profile/example_profile.h"
#include "profile/modelled_times.h"

namespace fovea {
namespace {

constexpr LevelsOn all{.embedding = true, .prefix = true, .response = true};

NodeClass example_node(const std::string& name = "n", std::uint32_t parallel = 1) {
  return {.name = name, .times = test::example_model(), .parallel = parallel};
}

TEST(NodeWeights, TheSlowerQueueLimitsANode) {
  const LoadShares mixed{.repeat = 0.5, .known = 0.25, .fresh = 0.25};
  // The encoder: a quarter of 20 + 4000. The decoder: 0.25 * 300 + 0.25 * (9 + 40) + 0.5 * 100.
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), all, mixed), 1000 / 1005.0);
  const LoadShares known{.repeat = 0, .known = 1, .fresh = 0};
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), all, known), 1000 / 149.0);
  // Two answers together: a step takes 15 instead of 10, for two.
  EXPECT_DOUBLE_EQ(requests_per_s(example_node("n", 2), all, known), 1000 / (49 + 75.0));
  // Three, between two and four: 17.5.
  EXPECT_DOUBLE_EQ(requests_per_s(example_node("n", 3), all, known), 1000 / (49 + (100 * 17.5 / 30)));
}

TEST(NodeWeights, LevelsThatAreOffSaveNothing) {
  const LoadShares mixed{.repeat = 0.5, .known = 0.25, .fresh = 0.25};
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), {}, mixed), 1000 / 4020.0);
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), {.response = true}, mixed), 1000 / 2010.0);
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), {.embedding = true}, mixed), 1000 / 1005.0);
  NodeClass stateless = example_node();
  stateless.times.state.reset();
  const LoadShares known{.repeat = 0, .known = 1, .fresh = 0};
  EXPECT_DOUBLE_EQ(requests_per_s(stateless, all, known), 1000 / 400.0);
}

// More answers side by side than were measured: as the simulated device decodes them.
TEST(NodeWeights, StepsAreThoseOfTheDevice) {
  NodeClass node = example_node();
  node.times.batches = {{1, 10}, {2, 16}};
  node.times.load = {.generate_ms = 1000};
  node.parallel = 4;
  const double step_ms = decode_step_ms(modelled_times({}, node.times), 4);
  EXPECT_NEAR(requests_per_s(node, {}, {.repeat = 0, .known = 0, .fresh = 1}), 1000 / (1000 * step_ms / (4 * 10)),
              1e-6);
}

TEST(NodeWeights, RepeatsAloneAreAsFastAsAStoredAnswer) {
  EXPECT_DOUBLE_EQ(requests_per_s(example_node(), all, {.repeat = 1, .known = 0, .fresh = 0}), 2000);
}

TEST(NodeWeights, SharesAreThoseOfTheLoad) {
  FleetLoad load;
  load.workload = {.name = "w", .requests = 400, .images = 1, .questions = 1};
  const LoadShares one = shares_of(load);
  EXPECT_DOUBLE_EQ(one.fresh, 1 / 400.0);
  EXPECT_DOUBLE_EQ(one.repeat, 399 / 400.0);
  EXPECT_DOUBLE_EQ(one.known, 0);
  load.workload.questions = 1000;
  EXPECT_GT(shares_of(load).known, 0.3);
}

TEST(NodeWeights, TheFastestHas256AndTheOthersTheirShare) {
  Fleet fleet;
  fleet.load.workload = {.name = "w", .requests = 100, .images = 100, .questions = 100};
  NodeClass slow = example_node("slow");
  slow.times.load.encode_once_ms = 4 * 4020 - 20;
  slow.count = 3;
  NodeClass hardly = example_node("hardly");
  hardly.times.load.encode_once_ms = 1e8;
  fleet.classes = {slow, example_node("fast"), hardly};
  EXPECT_EQ(class_weights(fleet), (std::vector<std::uint32_t>{256, 256, 256}));
  fleet.weights = Weights::speed;
  EXPECT_EQ(class_weights(fleet), (std::vector<std::uint32_t>{64, 256, 1}));
  EXPECT_EQ(haproxy_lines(fleet, 2),
            "server slow-1 10.0.0.11:8080 id 1 weight 64\n"
            "server slow-2 10.0.0.12:8080 id 2 weight 64\n"
            "# and 1 more like them\n"
            "server fast-1 10.0.0.14:8080 id 4 weight 256\n"
            "server hardly-1 10.0.0.15:8080 id 5 weight 1\n");
}

}  // namespace
}  // namespace fovea
