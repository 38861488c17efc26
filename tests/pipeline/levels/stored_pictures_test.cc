#include "pipeline/levels/stored_pictures.h"

#include <gtest/gtest.h>

#include <memory>

#include "store/faulty_tier.h"
#include "store/level_stores.h"

namespace fovea {
namespace {

Key key(const char* name) { return KeyBuilder("fovea/test").field(name).finish(); }

class StoredPicturesTest : public testing::Test {
 protected:
  StoredPicturesTest() {
    auto tier = std::make_unique<test::FaultyTier>(TierKind::shared);
    tiers.push_back(
        std::make_unique<TierLane>(std::move(tier), TierLaneOptions{.transfer = {.wait_ms = 4, .bytes_per_ms = 1e6}}));
    stores = LevelStores::make({.embedding_bytes_max = 1 << 20,
                                .prefix_bytes_max = 1 << 20,
                                .response_bytes_max = 0,
                                .shared_bytes_max = {},
                                .tiers = &tiers});
    pictures = std::make_unique<StoredPictures>(StoredPictures::Stores{
        .embeddings = *stores.embeddings, .tilings = *stores.tilings, .prefixes = *stores.prefixes});
    const StoredTiling tiling{key("image"), {key("left"), key("right")}, {900, 900}};
    const auto written = tiling.payload();
    insert(*stores.tilings, RecordKind::tiling, "tiling", written.written());
    insert(*stores.embeddings, RecordKind::embedding, "left", std::as_bytes(std::span("embedding")));
    insert(*stores.embeddings, RecordKind::embedding, "right", std::as_bytes(std::span("embedding")));
    insert(*stores.prefixes, RecordKind::prefix, "prefix", std::as_bytes(std::span("state")));
    flush();
  }

  void insert(Store& store, RecordKind kind, const char* name, std::span<const std::byte> payload) {
    store.insert(key(name), encode_record({.kind = kind, .scope = scope, .cost_ms = 900}, payload),
                 {.tenant = tenant, .images = {}});
  }
  void flush() { ASSERT_TRUE(tiers[0]->flush(std::chrono::steady_clock::now() + std::chrono::hours(1))); }
  // As after a restart: memory has nothing, and the tier all.
  void restart() {
    pictures.reset();
    stores = LevelStores::make({.embedding_bytes_max = 1 << 20,
                                .prefix_bytes_max = 1 << 20,
                                .response_bytes_max = 0,
                                .shared_bytes_max = {},
                                .tiers = &tiers});
    pictures = std::make_unique<StoredPictures>(StoredPictures::Stores{
        .embeddings = *stores.embeddings, .tilings = *stores.tilings, .prefixes = *stores.prefixes});
  }

  const Key scope = key("scope");
  const Key tenant = key("tenant");
  const KnownPicture tiles{.scope = scope, .tiling = key("tiling"), .prefix = {}};
  const KnownPicture state{.scope = scope, .tiling = key("tiling"), .prefix = key("prefix")};
  Tiers tiers;
  LevelStores stores;
  std::unique_ptr<StoredPictures> pictures;
};

TEST_F(StoredPicturesTest, MemoryHasWhatWasStoredJustNow) {
  EXPECT_FALSE(pictures->lacks(tiles));
  EXPECT_FALSE(pictures->lacks(state));
  EXPECT_TRUE(pictures->in_memory(key("left")));
  EXPECT_TRUE(pictures->in_memory(key("prefix")));
  EXPECT_EQ(pictures->turnover().entries, 2U);
}

TEST_F(StoredPicturesTest, MovesTheTilesOfAPicture) {
  restart();
  EXPECT_TRUE(pictures->lacks(tiles));
  const auto parts = pictures->move(tiles, {});
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].key, key("left"));
  EXPECT_EQ(parts[0].bytes, record_header_bytes + sizeof "embedding");
  EXPECT_FALSE(pictures->lacks(tiles));
  EXPECT_TRUE(pictures->move(tiles, {}).empty()) << "they are there";
  const LevelStats stats = stores.embeddings->stats();
  EXPECT_EQ(stats.hits + stats.misses, 0U) << "no request has looked anything up";
}

TEST_F(StoredPicturesTest, MovesTheStateBehindItAndThenNoTiles) {
  restart();
  EXPECT_TRUE(pictures->lacks(state));
  const auto parts = pictures->move(state, {});
  ASSERT_EQ(parts.size(), 1U);
  EXPECT_EQ(parts[0].key, key("prefix"));
  EXPECT_FALSE(pictures->lacks(state));
  EXPECT_TRUE(pictures->lacks(tiles));
}

TEST_F(StoredPicturesTest, WithoutAStateTheTilesAreMoved) {
  const KnownPicture other{.scope = scope, .tiling = key("tiling"), .prefix = key("another state")};
  restart();
  EXPECT_EQ(pictures->move(other, {}).size(), 2U);
}

// A picture of which all tiles look alike, or whose thumbnail is its one tile.
TEST_F(StoredPicturesTest, EqualTilesAreMovedOnce) {
  const StoredTiling tiling{key("image"), {key("left"), key("left"), key("right")}, {900, 900, 900}};
  const auto written = tiling.payload();
  insert(*stores.tilings, RecordKind::tiling, "alike", written.written());
  flush();
  const double wait_ms = pictures->wait_ms(tiles);
  const KnownPicture alike{.scope = scope, .tiling = key("alike"), .prefix = {}};
  EXPECT_EQ(pictures->wait_ms(alike), wait_ms) << "as long as for a picture of the two";
  restart();
  const auto parts = pictures->move(alike, {});
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].key, key("left"));
  EXPECT_EQ(parts[1].key, key("right"));
}

TEST_F(StoredPicturesTest, AnotherScopesRecordsAreNotMoved) {
  restart();
  const KnownPicture foreign{.scope = key("another scope"), .tiling = key("tiling"), .prefix = key("prefix")};
  EXPECT_TRUE(pictures->move(foreign, {}).empty());
}

TEST_F(StoredPicturesTest, TheWaitIsThatOfTheTier) {
  EXPECT_GT(pictures->wait_ms(tiles), 0);
  EXPECT_GT(pictures->wait_ms(state), 0);
}

TEST_F(StoredPicturesTest, AReadAheadIsNoHitOfItsTierYet) {
  restart();
  pictures->move(tiles, {});
  const TierUse use = tiers[0]->stats().use[static_cast<std::size_t>(RecordKind::embedding) - 1];
  EXPECT_EQ(use.hits + use.misses, 0U);
  EXPECT_EQ(use.hit_ms + use.saved_ms, 0);
  EXPECT_EQ(use.hit_bytes, 2 * (record_header_bytes + sizeof "embedding")) << "the link has carried them";
}

}  // namespace
}  // namespace fovea
