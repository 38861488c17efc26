#include "app/output/bench_text.h"

#include <gtest/gtest.h>

#include <regex>

#include "app/output/bench_groups.h"

namespace fovea::app {
namespace {

TEST(BenchText, ALineATarget) {
  const auto runs = known_runs();
  const std::string text = bench_text({.groups = groups_of(runs)});
  EXPECT_TRUE(text.starts_with("paper: A load.\none after another, in turns, 1 seeds; compared with none\n")) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("\n  target +answers +mean ms +p50 +p95 "))) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("\n  none +4 +100"))) << text;
  EXPECT_TRUE(std::regex_search(text, std::regex("\n  all +4 +50.* 2\\S* .* 100"))) << text;
  EXPECT_FALSE(text.contains("idle")) << "it has no answers";
}

}  // namespace
}  // namespace fovea::app
