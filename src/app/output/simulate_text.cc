// The tables are those of a report. A terminal shows them in columns as wide as their widest cell, numbers at
// their right ends.
#include "app/output/simulate_text.h"

#include <algorithm>
#include <cctype>
#include <format>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "cluster/report/fleet_page.h"
#include "cluster/report/fleet_text.h"
#include "cluster/report/outcome_tables.h"

namespace fovea::app {

namespace {

bool is_number(std::string_view cell) {
  return cell.empty() || cell == "-" || std::isdigit(static_cast<unsigned char>(cell.front())) != 0;
}

// Whether a column has numbers only. The first one has names.
bool is_right(const Table& table, std::size_t column) {
  return column > 0 && std::ranges::all_of(table.rows, [&](const auto& row) { return is_number(row[column]); });
}

std::string table_text(const Table& table) {
  if (table.rows.empty()) return {};
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < table.head.size(); ++column) {
    std::size_t width = table.head[column].size();
    for (const auto& row : table.rows) width = std::max(width, row[column].size());
    widths.push_back(width);
  }
  std::string text;
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line = " ";
    for (std::size_t column = 0; column < row.size(); ++column)
      line += is_right(table, column) ? std::format(" {:>{}} ", row[column], widths[column])
                                      : std::format(" {:<{}} ", row[column], widths[column]);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  };
  add(table.head);
  for (const auto& row : table.rows) add(row);
  return text + '\n';
}

std::string took_text(const FleetStudy& study) {
  double virtual_s = 0, wall_s = 0;
  for (const StudiedWay& studied : study.ways) {
    virtual_s += studied.outcome.virtual_seconds;
    wall_s += studied.outcome.wall_seconds;
  }
  return std::format("{} of the fleet's time, simulated in {}\n", format_ms(1000 * virtual_s),
                     format_ms(1000 * wall_s));
}

std::string advice_text(const Fleet& fleet) {
  const std::string lines = weights_advice(fleet);
  if (lines.empty()) return {};
  std::string text =
      "The classes differ in speed at this load. By their profiles, the balancer's weights in\n"
      "deploy/haproxy/haproxy.cfg are (\"weights\": \"speed\" in the fleet's file simulates them):\n";
  for (std::size_t begin = 0; begin < lines.size();) {
    const std::size_t end = lines.find('\n', begin);
    text += "    " + lines.substr(begin, end - begin) + '\n';
    begin = end + 1;
  }
  return text + '\n';
}

}  // namespace

std::string simulate_text(const FleetStudy& study) {
  std::string text = std::format("{}: {}\n", study.fleet.name, fleet_line(study.fleet));
  if (!study.fleet.about.empty()) text += study.fleet.about + '\n';
  text += '\n' + table_text(ways_table(study));
  const StudiedWay& itself = study.ways.back();
  if (study.ways.size() == 1) {
    text += table_text(found_table(itself)) + table_text(levels_table(itself)) + table_text(busy_table(itself)) +
            table_text(traffic_table(itself));
  }
  text += table_text(events_table(itself));
  if (study.ways.size() == 1) text += advice_text(study.fleet);
  return text + took_text(study);
}

}  // namespace fovea::app
