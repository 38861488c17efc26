// The tables are those of a report.
#include "app/output/simulate_text.h"

#include <format>

#include "app/output/table_text.h"
#include "base/units.h"
#include "cluster/report/fleet_page.h"
#include "cluster/report/fleet_text.h"
#include "cluster/report/outcome_tables.h"

namespace fovea::app {

namespace {

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
