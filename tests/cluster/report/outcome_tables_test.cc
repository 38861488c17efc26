#include "cluster/report/outcome_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cluster/report/example_study.h"

namespace fovea {
namespace {

using testing::Contains;
using testing::ElementsAre;

std::vector<Table> all_tables(const FleetStudy& study) {
  const StudiedWay& way = study.ways.back();
  return {classes_table(study.fleet), ways_table(study), found_table(way), levels_table(way), busy_table(way),
          traffic_table(way),         events_table(way)};
}

TEST(OutcomeTables, EveryRowHasACellForEachColumn) {
  FleetStudy study = test::example_study(true);
  study.ways.back().way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 60, .nodes = {0}}};
  for (const Table& table : all_tables(study)) {
    EXPECT_FALSE(table.rows.empty()) << table.name;
    EXPECT_TRUE(table.name.starts_with("example-")) << table.name;
    for (const auto& row : table.rows) EXPECT_EQ(row.size(), table.head.size()) << table.name << ": " << row[0];
  }
}

TEST(OutcomeTables, AnEventOfWhichNothingIsKnownHasARowThatSaysSo) {
  FleetStudy study = test::example_study();
  study.ways[0].way.fleet.events = {{.kind = FleetEventKind::node_dies, .at_s = 130, .nodes = {0}},
                                    {.kind = FleetEventKind::node_dies, .at_s = 9000, .nodes = {0}}};
  study.ways[0].outcome.virtual_seconds = 8000;
  const Table table = events_table(study.ways[0]);
  ASSERT_EQ(table.rows.size(), 2U);
  EXPECT_EQ(table.rows[0][3], "not in the first two hours");
  EXPECT_EQ(table.rows[1][3], "after the load's end");
}

TEST(OutcomeTables, WaysAreComparedWithTheFirst) {
  const Table table = ways_table(test::example_study(true));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_THAT(table.rows[0],
              ElementsAre("nothing shared", "3000", "1500", "6000", "9000", "", "42.0 %", "595", "3.00 MiB", "10"));
  EXPECT_EQ(table.rows[1][5], "2.00x");
}

TEST(OutcomeTables, WhatNeverHappenedHasNoRow) {
  FleetStudy study = test::example_study();
  const Table found = found_table(study.ways[0]);
  ASSERT_EQ(found.rows.size(), 2u);
  EXPECT_EQ(found.rows[0][0], "a stored answer");
  EXPECT_EQ(found.rows[0][2], "50.0 %");
  EXPECT_EQ(found.rows[1][0], "nothing: encoded");
  EXPECT_TRUE(events_table(study.ways[0]).rows.empty());
  EXPECT_THAT(traffic_table(study.ways[0]).rows, Contains(ElementsAre("failed: node_died", "10")));
  EXPECT_THAT(traffic_table(study.ways[0]).rows, Contains(ElementsAre("prefetched; of these used, late, wasted",
                                                                      "100 (1.00 MiB); 80.0 %, 5.0 %, 15.0 %")));
  study.ways[0].outcome.prefetch = {};
  study.ways[0].outcome.failures = {};
  study.ways[0].way.fleet.shared.reset();
  for (const auto& row : traffic_table(study.ways[0]).rows)
    EXPECT_FALSE(row[0].contains("shared") || row[0].contains("failed") || row[0].contains("prefetched")) << row[0];
}

TEST(OutcomeTables, HitsAreOfTheLookUpsThatWereMade) {
  const Table table = levels_table(test::example_study().ways[0]);
  EXPECT_THAT(table.rows[0], ElementsAre("response", "50.0 % of 1,200", "-", "25.0 % of 400, 200 not asked, 5 failed"));
  EXPECT_THAT(table.rows[1], ElementsAre("prefix", "-", "-", "-"));
}

TEST(OutcomeTables, ANothingIsNoDivision) {
  FleetStudy study = test::example_study(true);
  for (StudiedWay& way : study.ways) way.outcome = {};
  for (const Table& table : all_tables(study)) {
    for (const auto& row : table.rows) {
      for (const std::string& cell : row) EXPECT_FALSE(cell.contains("nan") || cell.contains("inf")) << cell;
    }
  }
}

}  // namespace
}  // namespace fovea
