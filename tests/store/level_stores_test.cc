#include "store/level_stores.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "store/events/picture_events.h"
#include "store/faulty_tier.h"

namespace fovea {
namespace {

const Key scope = KeyBuilder("scope").finish();

Blob record(RecordKind kind, std::size_t bytes) {
  return encode_record({.kind = kind, .scope = scope, .cost_ms = 1}, bytes,
                       [](std::span<std::byte> payload) { std::ranges::fill(payload, std::byte{1}); });
}

TEST(LevelStores, EachLevelHasABudgetOfItsOwn) {
  const LevelStores stores =
      LevelStores::make({.embedding_bytes_max = 1 << 20, .prefix_bytes_max = 2 << 20, .response_bytes_max = 0});
  EXPECT_EQ(stores.embeddings->stats().bytes_max, 1u << 20);
  EXPECT_EQ(stores.prefixes->stats().bytes_max, 2u << 20);
  EXPECT_FALSE(stores.responses->insert(scope, record(RecordKind::response, 10), {.tenant = scope, .images = {}}));
  EXPECT_TRUE(stores.tilings->insert(scope, record(RecordKind::tiling, 10), {.tenant = scope, .images = {}}));
}

TEST(LevelStores, OneBudgetIsSharedByAllThree) {
  const LevelStores stores = LevelStores::make({.shared_bytes_max = 1 << 20});
  for (const Store* store : {stores.embeddings.get(), stores.prefixes.get(), stores.responses.get()})
    EXPECT_EQ(store->stats().bytes_max, 1u << 20);
}

TEST(LevelStores, WithoutEmbeddingsThereAreNoTilings) {
  const LevelStores stores = LevelStores::make({.response_bytes_max = 1 << 20});
  EXPECT_FALSE(stores.tilings->insert(scope, record(RecordKind::tiling, 10), {.tenant = scope, .images = {}}));
}

TEST(LevelStores, CoherenceTellsEmbeddingsOfTheirResponses) {
  const LevelStores stores = LevelStores::make({.embedding_bytes_max = 1 << 20, .response_bytes_max = 1 << 20});
  const Key embedding = KeyBuilder("embedding").finish(), response = KeyBuilder("response").finish();
  stores.embeddings->insert(embedding, record(RecordKind::embedding, 10), {.tenant = scope, .images = {}});
  stores.responses->insert(response, record(RecordKind::response, 10), {.tenant = scope, .images = {}});
  stores.coherence->stored(response, 1, std::span(&embedding, 1));
  EXPECT_GT(stores.embeddings->importance(embedding).value(), 0.5F);
}

TEST(LevelStores, EventsTellOfAllLevelsButNotOfTilings) {
  PictureEvents events;
  const LevelStores stores = LevelStores::make(
      {.embedding_bytes_max = 1 << 20, .prefix_bytes_max = 1 << 20, .response_bytes_max = 1 << 20, .events = &events});
  const auto relayed = make_store(RecordKind::relayed_response, 1 << 20, PolicyKind::lru, nullptr, &events);
  const auto reader = events.follow();
  const auto insert = [&](Store& store, RecordKind kind) {
    const Key key = KeyBuilder("entry").field(to_string(kind)).finish();
    EXPECT_TRUE(store.insert(key, record(kind, 10), {.tenant = scope, .images = std::span(&scope, 1)}));
  };
  insert(*stores.embeddings, RecordKind::embedding);
  insert(*stores.tilings, RecordKind::tiling);
  insert(*stores.prefixes, RecordKind::prefix);
  insert(*stores.responses, RecordKind::response);
  insert(*relayed, RecordKind::relayed_response);
  std::vector<RecordKind> kinds;
  for (const PictureHolding& holding : events.page({}, 10)) kinds.push_back(holding.picture.kind);
  EXPECT_EQ(kinds, (std::vector{RecordKind::embedding, RecordKind::prefix, RecordKind::response,
                                RecordKind::relayed_response}));
}

TEST(LevelStores, EveryLevelWithABudgetHasTheTiersBehindIt) {
  auto owned = std::make_unique<test::FaultyTier>();
  const test::FaultyTier& tier = *owned;
  Tiers tiers;
  tiers.push_back(std::make_unique<TierLane>(std::move(owned), TierLaneOptions{}));
  const LevelStores stores =
      LevelStores::make({.embedding_bytes_max = 1 << 20, .prefix_bytes_max = 1 << 20, .tiers = &tiers});
  const auto insert = [&](Store& store, RecordKind kind) {
    const Blob costly = encode_record({.kind = kind, .scope = scope, .cost_ms = 60'000}, std::span<const std::byte>());
    const bool taken = store.insert(scope, costly, {.tenant = scope, .images = {}});
    EXPECT_TRUE(tiers[0]->flush(std::chrono::steady_clock::now() + std::chrono::hours(1)));
    return taken;
  };
  EXPECT_TRUE(insert(*stores.embeddings, RecordKind::embedding));
  EXPECT_TRUE(insert(*stores.tilings, RecordKind::tiling));
  EXPECT_TRUE(insert(*stores.prefixes, RecordKind::prefix));
  EXPECT_FALSE(insert(*stores.responses, RecordKind::response)) << "it has no budget, and so it is off";
  for (const RecordKind kind : {RecordKind::embedding, RecordKind::tiling, RecordKind::prefix})
    EXPECT_TRUE(tier.holds(kind, scope)) << to_string(kind);
  EXPECT_FALSE(tier.holds(RecordKind::response, scope));
}

}  // namespace
}  // namespace fovea
