#include "app/output/replay/replay_plot.h"

#include <gtest/gtest.h>

#include "app/output/replay/studies.h"

namespace fovea::app {
namespace {

TEST(ReplayPlot, ACurveAPolicyAndTheBounds) {
  const std::string script = replay_plot(known_study(), "svg");
  EXPECT_TRUE(script.starts_with("set terminal svg ")) << script;
  EXPECT_TRUE(script.contains("plot 50 with lines ")) << "the ceiling is a level line";
  for (const char* title : {"'compulsory ceiling'", "'upper bound'", "'offline greedy'", "'lru'", "'value'"})
    EXPECT_TRUE(script.contains(title)) << title;
  // Half of the working set; the bound saves 45 %, the offline schedule 40 %, the policies 25 % and 37.5 %.
  EXPECT_TRUE(script.ends_with("\n50 45\ne\n50 40\ne\n50 25\ne\n50 37.5\ne\n")) << script;
}

TEST(ReplayPlot, ANameCannotEndTheText) {
  Study study = known_study();
  study.trace = "a'b\"c`d\\e\nf";
  EXPECT_TRUE(replay_plot(study, "svg").contains("set title 'a_b_c_d_e_f' noenhanced\n"));
}

}  // namespace
}  // namespace fovea::app
