#include "app/output/report_text.h"

#include <gtest/gtest.h>

namespace fovea::app {
namespace {

TEST(ReportText, TheSummaryTellsTheOutcomeOfEachLevel) {
  RequestReport report{.response = Outcome::miss, .prefix = Outcome::miss, .embedding = Outcome::hit};
  report.images = {{.tiles = 2, .tiles_hit = 2}, {.tiles = 1, .tiles_hit = 1}};
  report.times.total_ms = 12.3;
  report.saved_ms = 8.1;
  EXPECT_EQ(summary_line(report),
            "response miss, prefix miss, embedding hit (3 of 3 tiles found) - 12 ms, saved 8.10 ms");
}

TEST(ReportText, AStoredResponseNeedsNoOtherLevel) {
  RequestReport report{.response = Outcome::hit, .prefix = Outcome::bypass, .embedding = Outcome::bypass};
  report.times.total_ms = 0.5;
  EXPECT_TRUE(summary_line(report).starts_with("response hit - ")) << summary_line(report);
}

TEST(ReportText, ABypassHasItsReason) {
  RequestReport report{.response_bypass = Bypass::off,
                       .prefix = Outcome::hit,
                       .embedding_bypass = Bypass::prefix_hit,
                       .images = {{.tiles = 1}}};
  EXPECT_TRUE(summary_line(report).starts_with("response bypass (" + describe(Bypass::off, CacheLevel::response) +
                                               "), prefix hit, embedding bypass (" +
                                               describe(Bypass::prefix_hit, CacheLevel::embedding) + ") - "))
      << summary_line(report);
}

TEST(ReportText, ATileIsOne) {
  RequestReport report{.response = Outcome::miss, .embedding = Outcome::miss, .images = {{.tiles = 1}}};
  EXPECT_TRUE(summary_line(report).contains("(0 of 1 tile found)")) << summary_line(report);
}

TEST(ReportText, DraftedTokensAreCounted) {
  RequestReport report{.response = Outcome::miss, .drafts = {8, 6}};
  EXPECT_TRUE(summary_line(report).contains(", 6 of 8 drafted tokens right - ")) << summary_line(report);
}

TEST(ReportText, StagesThatTookNoTimeAreLeftOut) {
  EXPECT_EQ(stages_line({.decode_ms = 1.5, .encode_ms = 20, .store_ms = 0.0001, .total_ms = 22}),
            "decode 1.50 ms, encode 20 ms");
  EXPECT_EQ(stages_line({}), "");
}

}  // namespace
}  // namespace fovea::app
