#include "cluster/report/fleet_page.h"

#include <gtest/gtest.h>

#include <set>
#include <variant>
#include <vector>

#include "cluster/report/example_study.h"

namespace fovea {
namespace {

std::set<std::string> figures_of(const Page& page) {
  std::set<std::string> names;
  for (const PageBlock& block : page.blocks) {
    if (const auto* figure = std::get_if<Figure>(&block)) {
      EXPECT_TRUE(names.insert(figure->name).second) << figure->name;
    }
  }
  return names;
}

std::set<std::string> tables_of(const Page& page) {
  std::set<std::string> names;
  for (const PageBlock& block : page.blocks) {
    const auto* table = std::get_if<Table>(&block);
    if (table == nullptr) continue;
    EXPECT_TRUE(names.insert(table->name).second) << table->name;
  }
  return names;
}

TEST(FleetPage, OneWayHasTablesAndNoComparison) {
  const std::vector<FleetStudy> studies = {test::example_study()};
  const Page page = fleet_page(studies, "Fleets");
  EXPECT_EQ(page.title, "Fleets");
  EXPECT_TRUE(figures_of(page).empty());
  EXPECT_EQ(tables_of(page), (std::set<std::string>{"example-nodes", "example-ways", "example-found", "example-levels",
                                                    "example-busy", "example-traffic"}));
  EXPECT_TRUE(markdown(page, "figures").contains("What is simulated"));
}

TEST(FleetPage, WaysAreDrawnAndEventsToo) {
  FleetStudy study = test::example_study(true);
  for (StudiedWay& way : study.ways)
    way.way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 60, .nodes = {0}}};
  const Page page = fleet_page(std::vector<FleetStudy>{study}, "Fleets");
  EXPECT_EQ(figures_of(page), (std::set<std::string>{"example-times", "example-found", "example-bytes",
                                                     "example-memory-over-time", "example-times-over-time"}));
  EXPECT_TRUE(tables_of(page).contains("example-events"));
  for (const PageBlock& block : page.blocks) {
    const auto* figure = std::get_if<Figure>(&block);
    if (figure == nullptr) continue;
    if (const auto* bars = std::get_if<BarFigure>(&figure->what)) {
      for (const auto& series : bars->series) EXPECT_EQ(series.values.size(), bars->groups.size()) << figure->name;
    } else {
      for (const auto& series : std::get<LineFigure>(figure->what).series)
        EXPECT_EQ(series.points.size(), 120u) << figure->name;
    }
  }
}

TEST(FleetPage, LongRunsAreDrawnInPieces) {
  FleetStudy study = test::example_study(true);
  for (StudiedWay& way : study.ways) {
    way.way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 60, .nodes = {0}}};
    way.outcome.seconds.resize(7200);
  }
  const Page page = fleet_page(std::vector<FleetStudy>{study}, "Fleets");
  for (const PageBlock& block : page.blocks) {
    const auto* figure = std::get_if<Figure>(&block);
    const auto* lines = figure == nullptr ? nullptr : std::get_if<LineFigure>(&figure->what);
    if (lines == nullptr) continue;
    for (const auto& series : lines->series) {
      EXPECT_LE(series.points.size(), 240u);
      EXPECT_FALSE(series.points.empty());
      EXPECT_LT(series.points.back().x, 120) << "seconds without answers are a gap";
    }
  }
}

TEST(FleetPage, WeightsAreAdvisedWhereSpeedsDiffer) {
  Fleet fleet = test::example_fleet();
  EXPECT_EQ(weights_advice(fleet), "");
  NodeClass slow = fleet.classes[0];
  slow.name = "slow";
  slow.times.load.encode_once_ms *= 10;
  fleet.classes.push_back(slow);
  EXPECT_TRUE(weights_advice(fleet).contains("server box-1 10.0.0.11:8080 id 1 weight 256\n"));
  EXPECT_TRUE(weights_advice(fleet).contains("server slow-1 10.0.0.13:8080 id 3 weight "));
  FleetStudy study = test::example_study();
  study.fleet = fleet;
  EXPECT_TRUE(markdown(fleet_page(std::vector<FleetStudy>{study}, "t"), "figures").contains("server slow-1"));
}

}  // namespace
}  // namespace fovea
