// A curve is drawn in runs of points that can all be shown. A run of one point is a mark, with a thin bar for
// its interval. A longer run is a line over a band. Steps are written as points, so that their bands have
// steps too.
#include <algorithm>
#include <array>
#include <cmath>
#include <format>
#include <iterator>
#include <limits>

#include "report/plot_script.h"

namespace fovea {

namespace {

using Run = std::vector<LineFigure::Point>;

// A curve with more points has no marks: the marks would hide it.
constexpr std::size_t marked_points_max = 25;

// Marks that differ also when they are small: disc, square, two triangles, diamond, pentagon, circle, box.
constexpr std::array<int, 8> marks{7, 5, 9, 11, 13, 15, 6, 4};

// Long dashes, because short ones and dots break up at the corners of steps. Where two curves are equal, one
// is seen through the gaps of the other.
constexpr std::array<std::string_view, 4> dashes{"solid", "(16,4)", "(8,4)", "(16,4,4,4)"};

bool shown(const LineFigure& figure, const LineFigure::Point& point) {
  return std::isfinite(point.x) && std::isfinite(point.y.value) && (!figure.log_x || point.x > 0) &&
         (!figure.log_y || point.y.value > 0);
}

// The point with an interval that can be drawn: of no width where the interval is not finite.
LineFigure::Point drawable(const LineFigure::Point& point) {
  if (std::isfinite(point.y.low) && std::isfinite(point.y.high)) return point;
  return {point.x, {point.y.value, point.y.value, point.y.value}};
}

std::vector<Run> runs_of(const LineFigure& figure, const LineFigure::Series& series) {
  std::vector<Run> runs;
  bool going_on = false;
  for (const LineFigure::Point& point : series.points) {
    const bool visible = shown(figure, point);
    if (visible) {
      if (!going_on) runs.emplace_back();
      if (going_on && series.steps) runs.back().push_back({point.x, runs.back().back().y});
      runs.back().push_back(drawable(point));
    }
    going_on = visible;
  }
  return runs;
}

struct SeriesRows {
  std::string curve, band, lone;
};
// The rows of points from `base` up, below which the axis cannot go. An empty line ends a run.
SeriesRows rows_of(const std::vector<Run>& runs, double base) {
  SeriesRows rows;
  for (const Run& run : runs) {
    const bool wide = std::ranges::any_of(run, [](const auto& point) { return point.y.low < point.y.high; });
    for (const auto& [x, y] : run) {
      std::string& points = run.size() > 1 ? rows.curve : rows.lone;
      const double low = std::max(y.low, base);
      std::format_to(std::back_inserter(points), "{:.6g} {:.6g} {:.6g} {:.6g}\n", x, y.value, low, y.high);
      if (run.size() > 1 && wide)
        std::format_to(std::back_inserter(rows.band), "{:.6g} {:.6g} {:.6g}\n", x, low, y.high);
    }
    if (run.size() > 1) rows.curve += '\n';
    if (run.size() > 1 && wide) rows.band += '\n';
  }
  return rows;
}

struct Extents {
  Extent x, y;
};
// What the axes must show. A band that would make a logarithmic axis longer by more than a decade ends at the
// axis instead.
Extents extents_of(const LineFigure& figure, const std::vector<std::vector<Run>>& all_runs) {
  Extents extents;
  for (const auto& runs : all_runs) {
    for (const Run& run : runs) {
      for (const auto& [x, y] : run) {
        extents.x.include(x);
        extents.y.include(y.value);
        extents.y.include(y.high);
        if (!figure.log_y || y.low > y.value / 10) extents.y.include(y.low);
      }
    }
  }
  return extents;
}

void draw_curve(const LineFigure::Series& series, std::size_t number, const SeriesRows& rows, Plot& plot) {
  const std::string colour = std::format("linecolor rgb '{}'", series_colour(number));
  const std::string mark = std::format("pointtype {} pointsize 0.6", marks[number % marks.size()]);
  const bool marked = !series.steps && series.points.size() <= marked_points_max;
  const std::string style =
      marked ? std::format("with linespoints linewidth 2 {} {}", mark, colour)
             : std::format("with lines linewidth 2 dashtype {} {}", dashes[number % dashes.size()], colour);
  std::string title = "title " + gnuplot_text(series.name);
  if (rows.curve.empty() && rows.lone.empty()) plot.name_only(style + " " + title);
  if (!rows.curve.empty()) {
    plot.draw(rows.curve, std::format("using 1:2 {} {}", style, title));
    title = "notitle";
  }
  if (!rows.lone.empty())
    plot.draw(rows.lone, std::format("using 1:2:3:4 with yerrorbars linewidth 1 {} {} {}", mark, colour, title));
}

}  // namespace

std::string plot_script(const LineFigure& figure) {
  std::vector<std::vector<Run>> runs;
  for (const auto& series : figure.series) runs.push_back(runs_of(figure, series));
  const Extents extents = extents_of(figure, runs);
  std::string script = std::format(
      "set grid xtics ytics linetype 1 linewidth 0.5 linecolor rgb '#dddddd'\n"
      "set xlabel {} offset 0,0.5 textcolor rgb '#222222'\n",
      gnuplot_text(figure.x_label));
  script += figure.log_x ? log_axis("x", extents.x).script : linear_axis("x", extents.x, false);
  constexpr double lowest = std::numeric_limits<double>::lowest();  // a linear axis has no lower end
  const Axis log_y = figure.log_y ? log_axis("y", extents.y) : Axis{lowest, linear_axis("y", extents.y, true)};
  script += log_y.script;
  Plot plot;
  std::vector<SeriesRows> rows;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    rows.push_back(rows_of(runs[i], log_y.low));
    if (rows[i].band.empty()) continue;
    plot.draw(rows[i].band, std::format("using 1:2:3 with filledcurves fillstyle transparent solid 0.15 noborder "
                                        "linecolor rgb '{}' notitle",
                                        series_colour(i)));
  }
  for (std::size_t i = 0; i < runs.size(); ++i) draw_curve(figure.series[i], i, rows[i], plot);
  return script + plot.script();
}

}  // namespace fovea
