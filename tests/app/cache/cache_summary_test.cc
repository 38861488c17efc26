#include "app/cache/cache_summary.h"

#include <gtest/gtest.h>

#include "tier/entries.h"

namespace fovea::app {
namespace {

TierHit hit(double cost_ms, double made_unix_ms, std::size_t bytes) {
  TierHit made{.entry = test::entry_of("a"), .record = {}};
  made.entry.record = encode_record({.cost_ms = cost_ms, .made_unix_ms = made_unix_ms}, test::payload_of(1, bytes));
  made.record = *decode_record(made.entry.record);
  return made;
}

TEST(CacheSummaryTest, AddsUpKindByKind) {
  CacheSummary summary;
  EXPECT_EQ(summary.all().entries, 0u);
  summary.add(RecordKind::embedding, hit(10, 2000, 100));
  summary.add(RecordKind::embedding, hit(5, 1000, 300));
  summary.add(RecordKind::file, hit(1, 3000, 0));
  const CacheSummary::Kind& embeddings = summary.of(RecordKind::embedding);
  EXPECT_EQ(embeddings.entries, 2u);
  EXPECT_EQ(embeddings.bytes, 400 + 2 * record_header_bytes);
  EXPECT_EQ(embeddings.saves_ms, 15);
  EXPECT_EQ(embeddings.oldest_unix_ms, 1000);
  EXPECT_EQ(embeddings.newest_unix_ms, 2000);
  EXPECT_EQ(summary.of(RecordKind::tiling).entries, 0u);
  const CacheSummary::Kind all = summary.all();
  EXPECT_EQ(all.entries, 3u);
  EXPECT_EQ(all.oldest_unix_ms, 1000);
  EXPECT_EQ(all.newest_unix_ms, 3000);
}

}  // namespace
}  // namespace fovea::app
