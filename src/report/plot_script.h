// The parts of gnuplot scripts that bars and curves share: texts, numbers, colours, axes, and the plot
// command with its data. Pure functions, thread-safe, and one builder, which is not. For figure*.cc only.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "report/figure.h"

namespace fovea {

// `text` as a gnuplot string that shows it as it is. Line ends become spaces. Bytes that are not UTF-8 become
// question marks, because an SVG with one such byte would not be shown at all.
std::string gnuplot_text(std::string_view text);

// The same for a label on an axis, which gnuplot reads as a number format.
std::string gnuplot_mark(std::string_view text);

// `number` with six digits and a decimal point, in any locale. REQUIRES: a finite number.
std::string gnuplot_number(double number);

// The colour of the series with this number. There are eight, then they repeat.
std::string_view series_colour(std::size_t series);

// The lowest and the highest of some numbers.
struct Extent {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  void include(double number);
  bool empty() const { return low > high; }
};

// The axis `name` ("x" or "y") for numbers of `extent`, labelled by gnuplot. With `from_zero` it begins at 0,
// unless a number is negative.
std::string linear_axis(std::string_view name, const Extent& extent, bool from_zero);

// An axis, and the number that it begins at.
struct Axis {
  double low = 1;
  std::string script;
};

// A logarithmic axis for positive numbers, with labels at 1, 2, 5 of each decade, or at powers of ten over
// many decades.
Axis log_axis(std::string_view name, const Extent& extent);

// A plot command, with the numbers that it draws.
class Plot {
 public:
  // Draws `rows` (a line a point) as `how` says, such as "using 1:2 with lines".
  void draw(std::string_view rows, std::string_view how);
  // A name in the key for a series that has nothing to draw.
  void name_only(std::string_view how);
  std::string script() const;

 private:
  std::string blocks_, clauses_;
  int count_ = 0;
};

// The part of a figure's script that is its own: axes and plot.
std::string plot_script(const BarFigure& figure);
std::string plot_script(const LineFigure& figure);

}  // namespace fovea
