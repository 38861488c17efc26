#include "report/plot_script.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace fovea {
namespace {

TEST(PlotScript, TextsMeanNothing) {
  EXPECT_EQ(gnuplot_text("it's `date` \"q\" \\n {x} @y"), "'it''s `date` \"q\" \\n {x} @y'");
  EXPECT_EQ(gnuplot_text("two\nlines\tand\x7f"), "'two lines and '");
  EXPECT_EQ(gnuplot_mark("50 %"), "'50 %%'");
}

TEST(PlotScript, OnlyUtf8Passes) {
  EXPECT_EQ(gnuplot_text("\u00e9 \u20ac \U0001f600"), "'\u00e9 \u20ac \U0001f600'");
  EXPECT_EQ(gnuplot_text("a\xff\x80z"), "'a??z'");
  EXPECT_EQ(gnuplot_text("\xc3"), "'?'") << "the second byte is missing";
  EXPECT_EQ(gnuplot_text("\xc3'"), "'?'''") << "the quote is not a part of the character before it";
  EXPECT_EQ(gnuplot_text("\xc0\xaf."), "'??.'") << "an overlong form";
  EXPECT_EQ(gnuplot_text("\xed\xa0\x80."), "'???.'") << "one half of a surrogate pair";
  EXPECT_EQ(gnuplot_text("\xf4\x90\x80\x80."), "'????.'") << "beyond the last character";
  EXPECT_EQ(gnuplot_text("\xef\xbf\xbf."), "'???.'") << "not allowed in XML";
}

TEST(PlotScript, NumbersHaveSixDigits) {
  EXPECT_EQ(gnuplot_number(1234567), "1.23457e+06");
  EXPECT_EQ(gnuplot_number(0.1), "0.1");
}

TEST(PlotScript, EightSeriesHaveEightColours) {
  std::set<std::string_view> colours;
  for (std::size_t i = 0; i < 8; ++i) colours.insert(series_colour(i));
  EXPECT_EQ(colours.size(), 8u);
  EXPECT_EQ(series_colour(8), series_colour(0));
}

TEST(PlotScript, LinearAxes) {
  EXPECT_EQ(linear_axis("y", {1, 5}, true), "set yrange [0:*]\n");
  EXPECT_EQ(linear_axis("y", {1, 5}, false), "set yrange [*:*]\n");
  EXPECT_EQ(linear_axis("y", {-1, 5}, true), "set yrange [*:*]\n");
  EXPECT_EQ(linear_axis("y", {}, true), "set yrange [0:1]\n");
  EXPECT_EQ(linear_axis("x", {4, 4}, false), "set xrange [2:6]\n");
  EXPECT_EQ(linear_axis("y", {0, 0}, true), "set yrange [0:1]\n");
}

TEST(PlotScript, LogarithmicAxes) {
  const auto axis = [](double low, double high) { return log_axis("x", {low, high}).script; };
  EXPECT_EQ(axis(1, 50), "set logscale x\nset xrange [1:50]\nset xtics (1, 2, 5, 10, 20, 50)\n");
  EXPECT_EQ(axis(0.03, 0.3), "set logscale x\nset xrange [0.02:0.5]\nset xtics (0.02, 0.05, 0.1, 0.2, 0.5)\n");
  EXPECT_EQ(axis(10, 10), "set logscale x\nset xrange [10:20]\nset xtics (10, 20)\n");
  EXPECT_EQ(axis(3, 40000), "set logscale x\nset xrange [1:100000]\nset xtics (1, 10, 100, 1000, 10000, 100000)\n");
  EXPECT_EQ(log_axis("x", {}).script, "set logscale x\nset xrange [1:10]\nset xtics (1, 2, 5, 10)\n");
  EXPECT_EQ(log_axis("y", {0.7, 3}).low, 0.5);
  const std::string wide = axis(1e-300, 1e300);
  EXPECT_LE(std::ranges::count(wide, ','), 12) << wide;
}

TEST(PlotScript, APlotOfNothingIsOneOfAnEmptyCurve) {
  EXPECT_EQ(Plot().script(), "plot NaN notitle\n");
  Plot named;
  named.name_only("with lines title 'a'");
  EXPECT_EQ(named.script(), "plot NaN notitle, keyentry with lines title 'a'\n");
  named.draw("1 2\n", "using 1:2 with lines title 'b'");
  EXPECT_EQ(
      named.script(),
      "$rows0 << END\n1 2\nEND\nplot keyentry with lines title 'a', \\\n  $rows0 using 1:2 with lines title 'b'\n");
}

}  // namespace
}  // namespace fovea
