#include "engine/llama/draft/acceptance_rates.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

TEST(AcceptanceRates, LongerRunsAreTrustedMore) {
  const AcceptanceRates rates;
  for (const DraftSource source : {DraftSource::own, DraftSource::earlier, DraftSource::prediction}) {
    EXPECT_LT(rates.rate(source, 1), rates.rate(source, 3));
    EXPECT_LT(rates.rate(source, 3), rates.rate(source, 8));
    EXPECT_DOUBLE_EQ(rates.rate(source, 8), rates.rate(source, 1000));
  }
}

TEST(AcceptanceRates, ConvergesToWhatIsSeen) {
  AcceptanceRates rates;
  const double prior = rates.rate(DraftSource::own, 2);
  for (int i = 0; i < 100; ++i) {
    rates.record(DraftSource::own, 2, true);
    rates.record(DraftSource::earlier, 8, false);
  }
  EXPECT_GT(rates.rate(DraftSource::own, 2), 0.8);
  EXPECT_LT(rates.rate(DraftSource::earlier, 8), 0.2);
  EXPECT_GT(rates.rate(DraftSource::own, 2), prior);
  EXPECT_DOUBLE_EQ(rates.rate(DraftSource::own, 3), AcceptanceRates().rate(DraftSource::own, 3))
      << "each length of a run is counted by itself";
  EXPECT_LT(rates.rate(DraftSource::earlier, 3), AcceptanceRates().rate(DraftSource::earlier, 3))
      << "but a source that is always wrong is trusted less";
}

TEST(AcceptanceRates, AFewGuessesAreEnoughToChangeItsMind) {
  AcceptanceRates rates;
  for (int i = 0; i < 50; ++i) rates.record(DraftSource::earlier, 4, false);
  const double low = rates.rate(DraftSource::earlier, 4);
  for (int i = 0; i < 10; ++i) rates.record(DraftSource::earlier, 4, true);
  EXPECT_GT(rates.rate(DraftSource::earlier, 4), 0.5);
  EXPECT_LT(low, 0.2);
}

}  // namespace
}  // namespace fovea::llama
