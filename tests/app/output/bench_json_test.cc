#include "app/output/bench_json.h"

#include <glaze/glaze.hpp>

#include "bench/paper_run.h"

namespace fovea::app {
namespace {

using Json = glz::generic;
using BenchJson = PaperRun;

TEST_F(BenchJson, HasTheMainNumbersOfEachTarget) {
  Json document;
  ASSERT_FALSE(glz::read_json(document, bench_json(input)));
  const Json& scenario = document[0];
  EXPECT_EQ(scenario["scenario"].get<std::string>(), "paper");
  EXPECT_EQ(scenario["baseline"].get<std::string>(), "none");
  EXPECT_EQ(scenario["seeds"][0].get<double>(), 42);
  ASSERT_EQ(scenario["targets"].size(), 3u);
  const Json& both = scenario["targets"][2];
  EXPECT_EQ(both["name"].get<std::string>(), "both");
  EXPECT_EQ(both["cold"]["answers"].get<double>(), 4);
  EXPECT_EQ(both["cold"]["mean_ms"]["value"].get<double>(), 300.25);
  EXPECT_EQ(both["cold"]["p50_ms"].get<double>(), 100);
  EXPECT_EQ(both["response_hits"].get<double>(), 0.25);
  EXPECT_EQ(both["embedding_hits"].get<double>(), 0.75);
  EXPECT_NEAR(both["speedup"]["value"].get<double>(), 1000 / 300.25, 1e-9);
  EXPECT_FALSE(scenario["targets"][0].contains("speedup")) << "the baseline is compared with no target";
}

TEST_F(BenchJson, ATargetWithoutAnswersIsLeftOut) {
  for (BenchRecord& one : runs[0].records) {
    if (one.target == "response") one.error = "gone";
  }
  group();
  Json document;
  ASSERT_FALSE(glz::read_json(document, bench_json(input)));
  EXPECT_EQ(document[0]["targets"].size(), 2u);
}

}  // namespace
}  // namespace fovea::app
