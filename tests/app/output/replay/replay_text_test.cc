#include "app/output/replay/replay_text.h"

#include <gtest/gtest.h>

#include <regex>

#include "app/output/replay/studies.h"

namespace fovea::app {
namespace {

TEST(ReplayText, OneTableABudget) {
  const std::string text = replay_text(known_study());
  EXPECT_TRUE(text.starts_with("it's a.csv: 40 requests, 12 look-ups, 5 keys, 200 ms of compute; working set "))
      << text;
  EXPECT_TRUE(text.contains("\n50% (")) << text;
  for (const char* row : {"lru +50 ms +25.0% +40.0% +25.0% +7 +40 k", "value +75 ms +37.5% +40.0% +25.0% +7 +40 k",
                          "offline greedy \\(achievable\\) +80 ms +40.0% +40.0% +25.0% +7\n",
                          "upper bound \\(space-time relaxation\\) +90 ms +45.0%\n",
                          "compulsory ceiling \\(no limit\\) +100 ms +50.0% +40.0% +25.0% +7\n"})
    EXPECT_TRUE(std::regex_search(text, std::regex(std::string("\n  ") + row))) << row << '\n' << text;
}

TEST(ReplayText, LinesHaveNoBlanksAtTheirEnds) { EXPECT_FALSE(replay_text(known_study()).contains(" \n")); }

TEST(ReplayText, AnEmptyTraceDividesByNothing) {
  Study study = known_study();
  study.ceiling.total_ms = 0;
  EXPECT_TRUE(std::regex_search(replay_text(study), std::regex("upper bound .* 0.0%")));
}

}  // namespace
}  // namespace fovea::app
