// The rows that gnuplot draws bars from.
#include <gtest/gtest.h>

#include "report/figure.h"

namespace fovea {
namespace {

Estimate exact(double value) { return {value, value, value}; }

Figure bars() {
  BarFigure figure{.title = "Hit rates", .y_label = "share, %", .groups = {"paper", "100 % \"new\""}};
  figure.series = {{"lru", {{50, 45, 55}, exact(2)}}, {"it's, `date`", {exact(60), {40, 39, 41}}}};
  return {"hit-rates", "How often it hits.", figure};
}

TEST(FigureBars, BarsStandBesideEachOther) {
  const std::string script = gnuplot_script(bars());
  EXPECT_TRUE(script.contains("$rows0 << END\n-0.2 50 -0.4 0 0 50\n0.8 2 0.6 1 0 2\nEND\n")) << script;
  EXPECT_TRUE(script.contains("$rows1 << END\n0.2 60 0 0.4 0 60\n1.2 40 1 1.4 0 40\nEND\n")) << script;
  EXPECT_TRUE(script.contains("$rows2 << END\n-0.2 50 45 55\n1.2 40 39 41\nEND\n")) << "whiskers of intervals\n"
                                                                                    << script;
  EXPECT_TRUE(script.contains("'100 %% \"new\"' 1")) << script;
}

TEST(FigureBars, StacksBeginWhereTheOneBelowEnds) {
  Figure figure = bars();
  std::get<BarFigure>(figure.what).stacked = true;
  const std::string script = gnuplot_script(figure);
  EXPECT_TRUE(script.contains("0 50 -0.3 0.3 0 50\n1 2 0.7 1.3 0 2\n")) << script;
  EXPECT_TRUE(script.contains("0 110 -0.3 0.3 50 110\n1 42 0.7 1.3 2 42\n")) << script;
  EXPECT_FALSE(script.contains("yerrorbars"));
}

TEST(FigureBars, LogarithmicBarsBeginAtTheAxis) {
  Figure figure = bars();
  auto& what = std::get<BarFigure>(figure.what);
  what.log_y = true;
  what.series[0].values[0] = exact(0);
  const std::string script = gnuplot_script(figure);
  EXPECT_TRUE(script.contains("set yrange [1:100]\n")) << script;
  EXPECT_TRUE(script.contains("$rows0 << END\n0.8 2 0.6 1 1 2\nEND\n")) << "0 has no bar\n" << script;
}

}  // namespace
}  // namespace fovea
