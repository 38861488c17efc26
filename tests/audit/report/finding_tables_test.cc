#include "audit/report/finding_tables.h"

#include <gtest/gtest.h>

#include "audit/report/example_findings.h"

namespace fovea {
namespace {

using Row = std::vector<std::string>;

TEST(FindingTables, EveryRowHasAsManyCellsAsTheHead) {
  const AuditFindings findings = test::example_findings();
  const SavingsFindings& savings = findings.savings;
  for (const Table& table :
       {again_table(findings.reuse), levels_table(savings), sizes_table(savings), tiers_table(savings),
        reuse_by_table(findings.reuse.by_client, "client"), spoilers_table(findings.spoilers)}) {
    EXPECT_FALSE(table.rows.empty()) << table.name;
    for (const Row& row : table.rows) EXPECT_EQ(row.size(), table.head.size()) << table.name;
  }
}

TEST(FindingTables, WhatCameAgain) {
  const Table table = again_table(test::example_findings().reuse);
  EXPECT_EQ(table.rows[0], (Row{"pictures, in the same file", "400", "1,100", "36.4 %"}));
  EXPECT_EQ(table.rows[5], (Row{"pictures that came again, behind the same beginning", "300", "500", "60.0 %"}));
  const Table nothing = again_table({});
  EXPECT_TRUE(nothing.rows.empty()) << "no row about nothing";
}

TEST(FindingTables, SavingsAreInAUnitThatCanBeRead) {
  SavingsFindings savings = test::example_findings().savings;
  Table table = sizes_table(savings);
  EXPECT_EQ(table.head[3], "h saved");
  EXPECT_EQ(table.rows[1], (Row{"4 GiB", "100", "2.00x", "3.70", "37.0 %", "1.50 M", "20.0 k", "7.40"}));
  savings.baseline_ms = 50'000;
  EXPECT_EQ(sizes_table(savings).head[3], "s saved");
  savings.baseline_ms = 500'000;
  EXPECT_EQ(sizes_table(savings).head[3], "min saved");
}

TEST(FindingTables, MoneyIsThereWherePricesAre) {
  SavingsFindings savings = test::example_findings().savings;
  EXPECT_EQ(levels_table(savings).head.back(), "USD, hours");
  savings.prices.per_million_prompt_tokens = 1;
  EXPECT_EQ(levels_table(savings).head.back(), "USD, tokens");
  EXPECT_EQ(levels_table(savings).rows[0].back(), "-");
  savings.prices = {};
  EXPECT_EQ(levels_table(savings).head.back(), "not written");
}

TEST(FindingTables, ClientsAndSpoilers) {
  const AuditFindings findings = test::example_findings();
  const Table clients = reuse_by_table(findings.reuse.by_client, "client");
  EXPECT_EQ(clients.rows[0], (Row{"web", "1,000", "1,000", "45.0 %", "1.80 M", "50.0 %", "10.0 %"}));
  EXPECT_EQ(clients.rows[1][0], "(not told)");
  const Table spoilers = spoilers_table(findings.spoilers);
  EXPECT_EQ(spoilers.rows[1][1], "Likely: Pictures were compressed again.");
}

}  // namespace
}  // namespace fovea
