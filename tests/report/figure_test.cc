#include "report/figure.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

namespace fovea {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Estimate exact(double value) { return {value, value, value}; }

Figure bars() {
  BarFigure figure{.title = "Hit rates", .y_label = "share, %", .groups = {"paper", "100 % \"new\""}};
  figure.series = {{"lru", {{50, 45, 55}, exact(2)}}, {"it's, `date`", {exact(60), {40, 39, 41}}}};
  return {"hit-rates", "How often it hits.", figure};
}

Figure lines() {
  LineFigure figure{.title = "Growth", .x_label = "budget", .y_label = "ms"};
  figure.series = {{"a", {{1, {10, 9, 11}}, {2, {20, 18, 22}}, {50, exact(30)}}},
                   {"cdf", {{1, exact(0.5)}, {3, exact(1)}}, true}};
  return {"growth", "How it grows.", figure};
}

struct Drawn {
  int exit_code;
  std::string picture, complaints;
};

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The figure, drawn by gnuplot.
Drawn drawn(const Figure& figure) {
  const std::string base = testing::TempDir() + "fovea-figure-" + std::to_string(::getpid());
  std::ofstream(base + ".gp", std::ios::binary) << gnuplot_script(figure);
  const int status = std::system(("gnuplot -d '" + base + ".gp' >'" + base + ".out' 2>'" + base + ".err'").c_str());
  Drawn result{WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(base + ".out"), content_of(base + ".err")};
  for (const char* ending : {".gp", ".out", ".err"}) std::filesystem::remove(base + ending);
  return result;
}

bool no_gnuplot() { return std::system("gnuplot --version >/dev/null 2>&1") != 0; }

TEST(Figure, CsvHasALineAPoint) {
  EXPECT_EQ(csv(bars()),
            "group,series,value,low,high\r\n"
            "paper,lru,50,45,55\r\n"
            "\"100 % \"\"new\"\"\",lru,2,2,2\r\n"
            "paper,\"it's, `date`\",60,60,60\r\n"
            "\"100 % \"\"new\"\"\",\"it's, `date`\",40,39,41\r\n");
  EXPECT_EQ(csv(lines()),
            "x,series,value,low,high\r\n"
            "1,a,10,9,11\r\n2,a,20,18,22\r\n50,a,30,30,30\r\n"
            "1,cdf,0.5,0.5,0.5\r\n3,cdf,1,1,1\r\n");
}

TEST(Figure, WhatIsNoNumberIsAnEmptyCell) {
  LineFigure figure;
  figure.series = {{"a", {{1, {nan, 0, infinity}}}}};
  EXPECT_EQ(csv({"a", "", figure}), "x,series,value,low,high\r\n1,a,,0,\r\n");
}

TEST(Figure, GnuplotDrawsEveryText) {
  if (no_gnuplot()) GTEST_SKIP() << "no gnuplot";
  Figure figure = bars();
  auto& what = std::get<BarFigure>(figure.what);
  what.title = "It's `date` {x}_y & <b> \\n \xff";
  what.y_label = "&lt; \u00b5s";
  const Drawn svg = drawn(figure);
  EXPECT_EQ(svg.exit_code, 0);
  EXPECT_EQ(svg.complaints, "");
  for (const char* text :
       {"It's `date` {x}_y &amp; &lt;b> \\n ?", "&amp;lt; \u00b5s", "100 % \"new\"", "it's, `date`", "lru"})
    EXPECT_TRUE(svg.picture.contains(std::string(">") + text + "<")) << text << "\n" << svg.picture;
  EXPECT_EQ(drawn(figure).picture, svg.picture) << "a figure that is drawn twice is the same";
}

// Everything that could make gnuplot fail or complain.
TEST(Figure, GnuplotDrawsTheSparse) {
  if (no_gnuplot()) GTEST_SKIP() << "no gnuplot";
  const LineFigure::Series none{"none", {}}, one{"one", {{3, {2, 1, 4}}}},
      zeros{"zeros", {{0, exact(0)}, {0, exact(0)}}},
      odd{"odd", {{nan, exact(1)}, {1, exact(nan)}, {2, {1, -infinity, infinity}}, {3, exact(1e300)}}};
  const std::vector<std::vector<LineFigure::Series>> curves{{}, {none}, {one}, {zeros}, {none, one, zeros}, {odd}};
  for (const bool log : {false, true}) {
    for (std::size_t i = 0; i < curves.size(); ++i) {
      const Drawn line = drawn({"l", "", LineFigure{"t", "x", "y", curves[i], log, log}});
      EXPECT_EQ(line.exit_code, 0) << i << " " << log << "\n" << line.complaints;
      EXPECT_EQ(line.complaints, "") << i << " " << log;
    }
    const BarFigure::Series empty{"empty", {}}, zero{"zero", {exact(0)}}, few{"few", {exact(nan), {5, -2, 7}}};
    const std::vector<std::vector<BarFigure::Series>> series{{}, {empty}, {zero}, {few}, {empty, zero, few}};
    for (std::size_t i = 0; i < series.size(); ++i) {
      for (const std::vector<std::string>& groups : {std::vector<std::string>{}, {"a"}, {"a", "b", "c"}}) {
        const Drawn bar = drawn({"b", "", BarFigure{"t", "y", groups, series[i], log, i % 2 == 0}});
        EXPECT_EQ(bar.exit_code, 0) << i << " " << log << " " << groups.size() << "\n" << bar.complaints;
        EXPECT_EQ(bar.complaints, "") << i << " " << log << " " << groups.size();
      }
    }
  }
}

}  // namespace
}  // namespace fovea
