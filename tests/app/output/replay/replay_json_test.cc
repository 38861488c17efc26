#include "app/output/replay/replay_json.h"

#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

#include "app/output/replay/studies.h"

namespace fovea::app {
namespace {

TEST(ReplayJson, HoldsEveryNumberOfTheStudy) {
  const std::string text = replay_json(known_study());
  EXPECT_FALSE(text.contains('\n'));
  glz::generic json;
  ASSERT_FALSE(glz::read_json(json, text)) << text;
  const auto number = [](const glz::generic& object, const char* name) { return object[name].get<double>(); };
  EXPECT_EQ(json["trace"].get<std::string>(), "it's a.csv");
  EXPECT_EQ(number(json, "requests"), 40);
  EXPECT_EQ(number(json, "lookups"), 12);
  EXPECT_EQ(number(json, "keys"), 5);
  EXPECT_EQ(number(json, "working_set_bytes"), 4000);
  EXPECT_EQ(number(json, "total_ms"), 200);
  EXPECT_EQ(number(json["compulsory_ceiling"], "cost_hit_ratio"), 0.5);
  const glz::generic& at = json["capacities"][0];
  EXPECT_EQ(at["capacity"].get<std::string>(), "50%");
  EXPECT_EQ(number(at, "bytes"), 2000);
  EXPECT_EQ(at["budgets"].size(), 1u);
  EXPECT_EQ(number(at["upper_bound"], "saved_ms"), 90);
  EXPECT_EQ(number(at["upper_bound"], "cost_hit_ratio"), 0.45);
  EXPECT_EQ(number(at["offline_greedy"], "saved_ms"), 80);
  const glz::generic& value = at["policies"][1];
  EXPECT_EQ(value["policy"].get<std::string>(), "value");
  EXPECT_EQ(number(value, "requests_per_second"), 40'000);
  EXPECT_EQ(number(value["result"], "saved_ms"), 75);
  EXPECT_EQ(number(value["result"], "object_hit_ratio"), 0.4);
  EXPECT_EQ(number(value["result"], "byte_hit_ratio"), 0.25);
  EXPECT_EQ(number(value["result"], "evictions"), 7);
  EXPECT_EQ(number(value["result"]["levels"]["embedding"], "hits"), 3);
  EXPECT_EQ(number(value["result"]["levels"]["prefix"], "lookups"), 0);
  EXPECT_EQ(number(value["result"]["levels"]["response"], "lookups"), 4);
}

}  // namespace
}  // namespace fovea::app
