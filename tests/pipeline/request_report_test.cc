#include "pipeline/request_report.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace fovea {
namespace {

TEST(RequestReport, OutcomesHaveTheFieldsNames) {
  EXPECT_EQ(to_string(Outcome::hit), "hit");
  EXPECT_EQ(to_string(Outcome::miss), "miss");
  EXPECT_EQ(to_string(Outcome::bypass), "bypass");
}

TEST(RequestReport, EachStageIsNamedOnceAndTheTotalIsTheLast) {
  StageTimes times;
  times.hash_ms = 2;
  times.total_ms = 9;
  std::set<std::string> names;
  for (const auto& [name, ms] : named(times)) {
    names.insert(name);
    if (std::string(name) == "hash") {
      EXPECT_EQ(ms, 2);
    }
  }
  EXPECT_EQ(names.size(), named(times).size());
  EXPECT_EQ(named(times).back().first, std::string("total"));
  EXPECT_EQ(named(times).back().second, 9);
}

}  // namespace
}  // namespace fovea
