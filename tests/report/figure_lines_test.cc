// The rows that gnuplot draws curves from.
#include <gtest/gtest.h>

#include <limits>

#include "report/figure.h"

namespace fovea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Estimate exact(double value) { return {value, value, value}; }

Figure lines() {
  LineFigure figure{.title = "Growth", .x_label = "budget", .y_label = "ms"};
  figure.series = {{"a", {{1, {10, 9, 11}}, {2, {20, 18, 22}}, {50, exact(30)}}},
                   {"cdf", {{1, exact(0.5)}, {3, exact(1)}}, true}};
  return {"growth", "How it grows.", figure};
}

TEST(FigureLines, CurvesHaveBandsAndSteps) {
  const std::string script = gnuplot_script(lines());
  EXPECT_TRUE(script.contains("$rows0 << END\n1 9 11\n2 18 22\n50 30 30\n\nEND\n")) << script;
  EXPECT_TRUE(script.contains("1 0.5 0.5 0.5\n3 0.5 0.5 0.5\n3 1 1 1\n")) << "a step at 3\n" << script;
}

TEST(FigureLines, APointLeftOutLeavesAGap) {
  Figure figure = lines();
  auto& what = std::get<LineFigure>(figure.what);
  what.log_x = what.log_y = true;
  what.series = {{"a", {{0, exact(1)}, {1, exact(1)}, {2, exact(2)}, {3, exact(0)}, {4, {4, -3, 5}}, {5, exact(nan)}}}};
  const std::string script = gnuplot_script(figure);
  EXPECT_TRUE(script.contains("$rows0 << END\n1 1 1 1\n2 2 2 2\n\nEND\n")) << script;
  EXPECT_TRUE(script.contains("$rows1 << END\n4 4 1 5\nEND\n")) << "alone, its interval cut at the axis\n" << script;
}

}  // namespace
}  // namespace fovea
