#include "cluster/outcome_json.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(OutcomeJson, ReadsWhatItWroteToTheLastBit) {
  FleetOutcome outcome;
  outcome.requests = UINT64_MAX;
  outcome.failures = {1, 2, 3, 4};
  outcome.times = {.count = 7, .mean_ms = 1.0 / 3, .p50_ms = 1e-300, .p95_ms = 1e300, .p99_ms = 0.1};
  outcome.by_way[6].mean_ms = 12.5;
  outcome.embedding.shared.hits = 9;
  outcome.classes.push_back({.name = "a \"class\"\n", .requests = 5, .times = {}});
  outcome.seconds = {{.requests = 3, .mean_ms = 2.0 / 3}, {}};
  outcome.node_links = {{1, 2}};
  const std::string json = to_json(outcome);
  EXPECT_EQ(json.find('\n'), std::string::npos);
  const auto read = parse_outcome(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  EXPECT_EQ(read->times.mean_ms, 1.0 / 3);
  EXPECT_EQ(read->classes[0].name, "a \"class\"\n");
  EXPECT_EQ(read->requests, UINT64_MAX);
}

TEST(OutcomeJson, AnythingElseIsAFault) {
  for (const std::string_view json : {"", "{", "[]", R"({"requests":-1})", R"({"unknown":1})"}) {
    const auto read = parse_outcome(json);
    ASSERT_FALSE(read) << json;
    EXPECT_EQ(read.error().fault, Fault::invalid);
  }
}

}  // namespace
}  // namespace fovea
