#include "audit/report/audit_page.h"

#include <gtest/gtest.h>

#include <set>
#include <variant>

#include "audit/report/example_findings.h"

namespace fovea {
namespace {

TEST(AuditPage, HasTheAnswerTheTablesAndTheFigures) {
  const std::vector<std::string> notes = {"3 entries are no requests."};
  const Page page = audit_page(test::example_findings(), notes);
  std::set<std::string> figures, tables;
  for (const PageBlock& block : page.blocks) {
    if (const auto* figure = std::get_if<Figure>(&block)) {
      EXPECT_TRUE(figures.insert(figure->name).second) << figure->name;
    } else if (const auto* table = std::get_if<Table>(&block)) {
      EXPECT_TRUE(tables.insert(table->name).second) << table->name;
    }
  }
  EXPECT_EQ(figures, (std::set<std::string>{"pictures", "levels", "sizes", "spoilers"}));
  EXPECT_EQ(tables, (std::set<std::string>{"again", "by-client", "levels", "sizes", "tiers", "spoilers"}));
  const auto* answer = std::get_if<Bullets>(&page.blocks.front());
  ASSERT_NE(answer, nullptr);
  EXPECT_EQ(answer->items[0], "40 % of the work in this log was done before.");
  const std::string text = markdown(page, "figures");
  for (const char* part :
       {"Times are those of the profile.", "3 entries are no requests.", "Put it behind the picture."})
    EXPECT_TRUE(text.contains(part)) << part;
}

TEST(AuditPage, OfAnEmptyLogHasNoEmptyParts) {
  const Page page = audit_page({});
  for (const PageBlock& block : page.blocks) {
    if (const auto* table = std::get_if<Table>(&block)) {
      EXPECT_FALSE(table->rows.empty()) << table->name;
    }
    EXPECT_FALSE(std::holds_alternative<Figure>(block));
  }
}

// gnuplot has no scale for bars that are all zero.
TEST(AuditPage, WhatSavesNothingHasNoFigure) {
  AuditFindings findings = test::example_findings();
  for (auto* rows : {&findings.savings.levels, &findings.savings.sizes})
    for (SavingsRow& row : *rows) row.saved_ms = -1;
  for (Spoiler& spoiler : findings.spoilers) spoiler.ms = 0;
  const Page page = audit_page(findings);
  for (const PageBlock& block : page.blocks) {
    const auto* figure = std::get_if<Figure>(&block);
    EXPECT_TRUE(figure == nullptr || figure->name == "pictures");
  }
}

// Bars are shares of all pictures.
TEST(AuditPage, PicturesAddUpToAll) {
  const Page page = audit_page(test::example_findings());
  for (const PageBlock& block : page.blocks) {
    const auto* figure = std::get_if<Figure>(&block);
    if (figure == nullptr || figure->name != "pictures") continue;
    double sum = 0;
    for (const Estimate& value : std::get<BarFigure>(figure->what).series.front().values) sum += value.value;
    EXPECT_NEAR(sum, 100, 1e-9);
  }
}

}  // namespace
}  // namespace fovea
