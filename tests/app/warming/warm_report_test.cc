#include "app/warming/warm_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <glaze/glaze.hpp>

namespace fovea::app {
namespace {

using testing::HasSubstr;
using testing::Not;

WarmReport report() {
  WarmReport report{.pictures = 5, .took_ms = 4000};
  report.counts.known = 1;
  report.counts.encoded = 2;
  report.counts.failed.push_back({"x.png", {Fault::invalid, "x.png: not a picture"}});
  TierStats tier{.kind = TierKind::disk};
  tier.use[0] = {.written = 6, .written_bytes = 3 << 20, .not_worth = 4};
  report.tiers.push_back(tier);
  return report;
}

TEST(WarmReportTest, SaysWhatWasDoneAndWhatWasNot) {
  const std::string text = warm_text(report());
  EXPECT_TRUE(text.starts_with("failed: x.png: not a picture\n")) << text;
  EXPECT_THAT(text, HasSubstr("4 of 5 pictures: 2 encoded, 1 known already, 1 failed; 4.00 s, 1 pictures/s\n"));
  EXPECT_THAT(text, HasSubstr("disk: 6 entries written, 3.00 MiB; 4 not: computing them takes no longer"));
  EXPECT_THAT(text, Not(HasSubstr("dropped")));
  EXPECT_THAT(text, Not(HasSubstr("Interrupted")));
}

TEST(WarmReportTest, RatesHaveNoExponent) {
  EXPECT_EQ(rate_text(0.0612), "0.061");
  EXPECT_EQ(rate_text(3.44), "3.4");
  EXPECT_EQ(rate_text(1117.2), "1117");
}

TEST(WarmReportTest, SaysWhatIsMissing) {
  WarmReport lossy = report();
  lossy.interrupted = true;
  lossy.counts.gave_up = true;
  lossy.tiers[0].write_behind = {.entries = 3, .dropped = 2};
  lossy.tiers[0].use[1].write_failed = 7;
  const std::string text = warm_text(lossy);
  for (const char* part :
       {"2 dropped", "3 not written yet", "7 could not be written", "Run it again: ", "nothing was kept any more"})
    EXPECT_THAT(text, HasSubstr(part));
}

TEST(WarmReportTest, JsonHasTheSame) {
  glz::generic json;
  const std::string text = warm_json(report());
  ASSERT_FALSE(glz::read_json(json, text)) << text;
  EXPECT_EQ(json["encoded"].get<double>(), 2);
  EXPECT_EQ(json["failed"][0]["file"].get<std::string>(), "x.png");
  EXPECT_EQ(json["tiers"][0]["tier"].get<std::string>(), "disk");
  EXPECT_EQ(json["tiers"][0]["not_worth"].get<double>(), 4);
  EXPECT_FALSE(json["interrupted"].get<bool>());
}

}  // namespace
}  // namespace fovea::app
