#include "app/output/bench_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

#include "app/output/bench_groups.h"

namespace fovea::app {
namespace {

TEST(BenchJson, TellsOfEachTargetThatAnswered) {
  const auto runs = known_runs();
  const std::string text = bench_json({.groups = groups_of(runs)});
  EXPECT_TRUE(text.ends_with("]\n"));
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, text)) << text;
  const glz::generic& scenario = json[0];
  EXPECT_EQ(scenario["scenario"].get<std::string>(), "paper");
  EXPECT_EQ(scenario["baseline"].get<std::string>(), "none");
  EXPECT_EQ(scenario["seeds"][0].get<double>(), 42);
  ASSERT_EQ(scenario["targets"].size(), 2u) << "a target without answers is left out";
  const glz::generic &none = scenario["targets"][0], &all = scenario["targets"][1];
  EXPECT_FALSE(none.contains("speedup")) << "the baseline is compared with nothing";
  EXPECT_EQ(none["cold"]["mean_ms"]["value"].get<double>(), 100);
  EXPECT_EQ(all["name"].get<std::string>(), "all");
  EXPECT_EQ(all["cold"]["answers"].get<double>(), 4);
  EXPECT_EQ(all["cold"]["mean_ms"]["value"].get<double>(), 50);
  EXPECT_EQ(all["speedup"]["value"].get<double>(), 2);
  EXPECT_EQ(all["speedup_asked_again"]["value"].get<double>(), 100);
  EXPECT_EQ(all["response_hits"].get<double>(), 0.5);
}

}  // namespace
}  // namespace fovea::app
