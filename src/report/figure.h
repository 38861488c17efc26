// Figures as data, and as scripts for gnuplot, which draws them. Plain values; pure functions; thread-safe.
//
// Every text in a figure is shown as it is: characters that mean something to gnuplot are escaped. Numbers
// that are not finite are left out, and so are those that a logarithmic axis cannot show.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "report/statistics.h"

namespace fovea {

// Bars in groups, with one bar of each series in each group. An interval that has a width is drawn as a
// whisker.
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

// Curves over a number, with a band where a point's interval has a width. A point that is left out leaves a
// gap.
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
  std::string caption;  // a sentence: what the figure shows
  std::variant<BarFigure, LineFigure> what;
};

// The script that makes gnuplot write `figure` to standard output, as an SVG of 900 x 520. People who do not
// see red and green can tell the colours apart. In print, the order tells bars apart, and dashes and marks
// tell curves apart.
std::string gnuplot_script(const Figure& figure);

// The numbers of `figure`: a head, then one row for each point: group or x, series, value, low, high.
std::vector<std::vector<std::string>> numbers_of(const Figure& figure);

// The same as CSV (RFC 4180).
std::string csv(const Figure& figure);

}  // namespace fovea
