// gnuplot draws because it needs no library and its figures are the same on every machine with the same
// version. A script holds its data itself, so nothing but its text is passed on.
#include "report/figure.h"

#include <cmath>
#include <format>

#include "report/csv.h"
#include "report/plot_script.h"

namespace fovea {

namespace {

// The same for all figures: a white background, also on a dark page; thin grey axes and grid lines; the key
// below. The right margin is set because gnuplot would make it as wide as slanted labels are long.
constexpr std::string_view preamble =
    "set terminal svg size 900,520 noenhanced font 'sans-serif,14' background rgb 'white'\n"
    "set encoding utf8\n"
    "set border 3 linewidth 1 linecolor rgb '#555555'\n"
    "set tics nomirror scale 0.5 textcolor rgb '#222222'\n"
    "set format '%g'\n"
    "set key bmargin center horizontal Left reverse samplen 2.5 spacing 1.2\n"
    "set rmargin 4\n"
    "set errorbars 0.6\n"
    "set style fill solid noborder\n";

// Empty for a value that is not finite.
std::string cell(double number) { return std::isfinite(number) ? std::format("{:.6g}", number) : ""; }

std::vector<std::string> row_of(std::string where, const std::string& series, const Estimate& value) {
  return {std::move(where), series, cell(value.value), cell(value.low), cell(value.high)};
}

std::vector<std::vector<std::string>> rows_of(const BarFigure& figure) {
  std::vector<std::vector<std::string>> rows{{"group", "series", "value", "low", "high"}};
  for (const auto& series : figure.series) {
    for (std::size_t i = 0; i < series.values.size() && i < figure.groups.size(); ++i)
      rows.push_back(row_of(figure.groups[i], series.name, series.values[i]));
  }
  return rows;
}

std::vector<std::vector<std::string>> rows_of(const LineFigure& figure) {
  std::vector<std::vector<std::string>> rows{{"x", "series", "value", "low", "high"}};
  for (const auto& series : figure.series) {
    for (const LineFigure::Point& point : series.points) rows.push_back(row_of(cell(point.x), series.name, point.y));
  }
  return rows;
}

}  // namespace

std::string gnuplot_script(const Figure& figure) {
  return std::visit(
      [&](const auto& what) {
        return std::string(preamble) +
               std::format("set title {} font ',16' textcolor rgb '#222222'\n", gnuplot_text(what.title)) +
               std::format("set ylabel {} textcolor rgb '#222222'\n", gnuplot_text(what.y_label)) + plot_script(what);
      },
      figure.what);
}

std::vector<std::vector<std::string>> numbers_of(const Figure& figure) {
  return std::visit([](const auto& what) { return rows_of(what); }, figure.what);
}

std::string csv(const Figure& figure) {
  std::string text;
  for (const auto& row : numbers_of(figure)) text += csv_line(row);
  return text;
}

}  // namespace fovea
