// Figures as data, and as scripts of gnuplot, which draws them. Plain values; pure functions.
//
// Every text in a figure is shown as it is: what would mean something to gnuplot is taken out of its meaning. Numbers
// that are not finite are left out, and so is what has no place on a logarithmic axis.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "report/statistics.h"

namespace fovea {

// Bars in groups, a bar of each series in each group, with their intervals as whiskers where they have any width.
struct BarFigure {
  struct Series {
    std::string name;
    std::vector<Estimate> values;  // one a group
  };
  std::string title, y_label;
  std::vector<std::string> groups;
  std::vector<Series> series;
  bool log_y = false;
  bool stacked = false;  // the series of a group on top of each other, without whiskers
};

// Curves over a number, with a band where a point has an interval of any width. A point left out leaves a gap.
struct LineFigure {
  struct Point {
    double x = 0;
    Estimate y;
  };
  struct Series {
    std::string name;
    std::vector<Point> points;  // by rising x
    bool steps = false;         // a step at each point, as of a distribution function
  };
  std::string title, x_label, y_label;
  std::vector<Series> series;
  bool log_x = false, log_y = false;
};

struct Figure {
  std::string name;     // of its files, without an ending: letters, digits and dashes
  std::string caption;  // a sentence: what is to be seen
  std::variant<BarFigure, LineFigure> what;
};

// The script that makes gnuplot draw `figure` on standard output, as an SVG of 900 x 520. Colours are told apart by
// people who do not see red and green; in print, bars are told apart by their order and curves by their dashes and
// marks.
std::string gnuplot_script(const Figure& figure);

// The numbers of `figure`: a head, then a row a point: group or x, series, value, low, high.
std::vector<std::vector<std::string>> numbers_of(const Figure& figure);

// The same as CSV (RFC 4180).
std::string csv(const Figure& figure);

}  // namespace fovea
