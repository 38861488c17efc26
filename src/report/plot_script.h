// The words of gnuplot that bars and curves share: texts, numbers, colours, axes, and the plot command with its data.
// Pure functions, and one builder; for figure*.cc only.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "report/figure.h"

namespace fovea {

// `text` as a string of gnuplot's that shows it as it is. Line ends become spaces, bytes that are no UTF-8 question
// marks: an SVG with one such byte would not be shown at all.
std::string gnuplot_text(std::string_view text);

// The same for a mark on an axis, which gnuplot reads as a format of numbers.
std::string gnuplot_mark(std::string_view text);

// With six digits and a decimal point, whatever the locale. REQUIRES: a finite number.
std::string gnuplot_number(double number);

// The colour of the series with this number; after eight they begin again.
std::string_view series_colour(std::size_t series);

// From the lowest to the highest of some numbers.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double number);
  bool empty() const { return low > high; }
};

// The axis `name` ("x" or "y") for numbers of `extent`, marked by gnuplot. It begins at 0 where `from_zero` and none is
// negative.
std::string linear_axis(std::string_view name, const Extent& extent, bool from_zero);

// An axis that begins at a known number.
struct Axis {
  double low = 1;
  std::string script;
};

// A logarithmic axis around positive numbers, with marks at 1, 2, 5 of each decade or, over many decades, at powers of
// ten.
Axis log_axis(std::string_view name, const Extent& extent);

// A plot command with the numbers that it draws.
class Plot {
 public:
  // Draws `rows` (a line a point) as `how` says, such as "using 1:2 with lines".
  void draw(std::string_view rows, std::string_view how);
  // A name in the key without anything drawn: of a series that has nothing to show.
  void name_only(std::string_view how);
  std::string script() const;

 private:
  std::string blocks_, clauses_;
  int count_ = 0;
};

// The figures' own parts: axes and plot.
std::string plot_script(const BarFigure& figure);
std::string plot_script(const LineFigure& figure);

}  // namespace fovea
