// Bars are drawn as rectangles with all four sides given. gnuplot's own histograms cannot draw groups with
// gaps and whiskers, and they do not know where a bar begins on a logarithmic axis.
#include <algorithm>
#include <cmath>
#include <format>
#include <iterator>

#include "report/plot_script.h"

namespace fovea {

namespace {

constexpr double group_width = 0.8;           // of the distance between groups
constexpr double stack_width = 0.6;           // the same for a single bar, which looks too wide otherwise
constexpr std::size_t level_marks_max = 100;  // letters that fit beside each other under a figure

// The series' bar in the group: NaN where it has none, or none that can be shown.
Estimate bar_of(const BarFigure& figure, const BarFigure::Series& series, std::size_t group) {
  constexpr Estimate none{NAN, NAN, NAN};
  const Estimate value = group < series.values.size() ? series.values[group] : none;
  return std::isfinite(value.value) && (!figure.log_y || value.value > 0) ? value : none;
}

bool has_whisker(const BarFigure& figure, const Estimate& bar) {
  return !figure.stacked && std::isfinite(bar.low) && std::isfinite(bar.high) && bar.low < bar.high;
}

// What the y axis must show: bars, or stacks of them, and whiskers. A whisker that would make a logarithmic
// axis longer by more than a decade ends at the axis instead.
Extent heights_of(const BarFigure& figure) {
  Extent extent;
  for (std::size_t group = 0; group < figure.groups.size(); ++group) {
    double top = 0;
    for (const auto& series : figure.series) {
      const Estimate bar = bar_of(figure, series, group);
      if (std::isnan(bar.value)) continue;
      top = figure.stacked ? top + bar.value : bar.value;
      extent.include(top);
      if (!has_whisker(figure, bar)) continue;
      extent.include(bar.high);
      if (!figure.log_y || bar.low > bar.value / 10) extent.include(bar.low);
    }
  }
  return extent;
}

std::string group_axis(const std::vector<std::string>& groups) {
  std::string marks;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::format_to(std::back_inserter(marks), "{}{} {}", i == 0 ? "" : ", ", gnuplot_mark(groups[i]), i);
    longest = std::max(longest, groups[i].size());
  }
  const bool level = longest * groups.size() <= level_marks_max;
  return std::format("set xrange [-0.6:{}]\nset xtics scale 0 {} ({})\n",
                     gnuplot_number(static_cast<double>(std::max<std::size_t>(groups.size(), 1)) - 0.4),
                     level ? "norotate" : "rotate by 30 right", marks);
}

// Rectangles and whiskers of one series. `tops` are the heights of the stacks, before and after it.
struct SeriesRows {
  std::string bars, whiskers;
};
SeriesRows rows_of(const BarFigure& figure, std::size_t number, double base, std::vector<double>& tops) {
  SeriesRows rows;
  const bool alone = figure.stacked || figure.series.size() == 1;
  const double width = alone ? stack_width : group_width / static_cast<double>(figure.series.size());
  for (std::size_t group = 0; group < figure.groups.size(); ++group) {
    const Estimate bar = bar_of(figure, figure.series[number], group);
    if (std::isnan(bar.value)) continue;
    const double aside = alone ? -width / 2 : static_cast<double>(number) * width - group_width / 2;
    const double left = static_cast<double>(group) + aside, middle = left + width / 2;
    const double bottom = figure.stacked ? std::max(tops[group], base) : base;
    const double top = figure.stacked ? tops[group] + bar.value : bar.value;
    tops[group] = top;
    std::format_to(std::back_inserter(rows.bars), "{:.6g} {:.6g} {:.6g} {:.6g} {:.6g} {:.6g}\n", middle, top, left,
                   left + width, bottom, top);
    if (!has_whisker(figure, bar)) continue;
    std::format_to(std::back_inserter(rows.whiskers), "{:.6g} {:.6g} {:.6g} {:.6g}\n", middle, bar.value,
                   figure.log_y ? std::max(bar.low, base) : bar.low, bar.high);
  }
  return rows;
}

}  // namespace

std::string plot_script(const BarFigure& figure) {
  std::string script = "set grid ytics linetype 1 linewidth 0.5 linecolor rgb '#dddddd'\n" + group_axis(figure.groups);
  double base = 0;
  if (figure.log_y) {
    Extent heights = heights_of(figure);
    heights.low *= 0.8;  // otherwise the lowest bar could have no height
    const Axis axis = log_axis("y", heights);
    base = axis.low;
    script += axis.script;
  } else {
    script += linear_axis("y", heights_of(figure), true);
  }
  Plot plot;
  std::vector<double> tops(figure.groups.size(), 0);
  std::string whiskers;
  for (std::size_t i = 0; i < figure.series.size(); ++i) {
    const SeriesRows rows = rows_of(figure, i, base, tops);
    const std::string colour = std::format("linecolor rgb '{}'", series_colour(i));
    const std::string title = gnuplot_text(figure.series[i].name);
    if (rows.bars.empty())
      plot.name_only(std::format("with boxes {} title {}", colour, title));
    else
      plot.draw(rows.bars, std::format("using 1:2:3:4:5:6 with boxxyerror {} title {}", colour, title));
    whiskers += rows.whiskers;
  }
  if (!whiskers.empty())
    plot.draw(whiskers, "using 1:2:3:4 with yerrorbars pointtype 0 linewidth 1 linecolor rgb '#222222' notitle");
  return script + plot.script();
}

}  // namespace fovea
