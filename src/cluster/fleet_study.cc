#include "cluster/fleet_study.h"

#include <utility>

#include "cluster/simulate.h"

namespace fovea {

Result<FleetStudy> study_fleet(const Fleet& fleet, Compared compared, const Progress& progress) {
  auto runs = ways_of(fleet, compared);
  if (!runs) return std::unexpected(runs.error());
  FleetStudy study{.fleet = fleet, .compared = compared, .ways = {}};
  const auto count = static_cast<double>(runs->size());
  for (FleetWay& way : *runs) {
    const auto before = static_cast<double>(study.ways.size());
    auto outcome = simulate(way.fleet, [&](double part) { report_progress(progress, (before + part) / count); });
    if (!outcome) return std::unexpected(outcome.error());
    study.ways.push_back({std::move(way), std::move(*outcome)});
  }
  return study;
}

}  // namespace fovea
