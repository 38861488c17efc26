#include "store/level_stores.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace fovea
