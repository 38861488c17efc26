#include "store/memory_store.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace fovea {
namespace {

const Key scope = KeyBuilder("scope").finish(), elsewhere = KeyBuilder("scope").field("other").finish();
const Key alice = KeyBuilder("tenant").field("alice").finish(), bob = KeyBuilder("tenant").field("bob").finish();
const Key red = KeyBuilder("image").field("red").finish(), blue = KeyBuilder("image").field("blue").finish();

Key key(int number) { return KeyBuilder("entry").field(number).finish(); }

Blob record(std::string_view text, double cost_ms = 5, RecordKind kind = RecordKind::prefix) {
  return encode_record({.kind = kind, .scope = scope, .cost_ms = cost_ms}, std::as_bytes(std::span(text)));
}

class MemoryStoreTest : public testing::Test {
 protected:
  MemoryStore store{RecordKind::prefix, {.bytes_max = 1 << 20}};
};

TEST_F(MemoryStoreTest, FindsWhatWasInsertedWithoutACopy) {
  const Blob bytes = record("state", 7);
  ASSERT_TRUE(store.insert(key(1), bytes, {alice, {}}));
  const auto found = store.find(key(1), scope);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->payload.text(), "state");
  EXPECT_EQ(found->header.cost_ms, 7);
  EXPECT_EQ(found->payload.bytes().data(), bytes.bytes().data() + record_header_bytes);
  EXPECT_FALSE(store.find(key(2), scope));
  EXPECT_EQ(store.stats().hits, 1u);
  EXPECT_EQ(store.stats().misses, 1u);
  EXPECT_EQ(store.stats().saved_ms, 7);
}

TEST_F(MemoryStoreTest, ARecordOfAnotherScopeOrKindIsAMiss) {
  store.insert(key(1), record("state"), {alice, {}});
  EXPECT_FALSE(store.find(key(1), elsewhere));
  store.insert(key(2), record("state", 5, RecordKind::response), {alice, {}});
  EXPECT_FALSE(store.find(key(2), scope));
  EXPECT_FALSE(store.insert(key(3), Blob::copy_of("no record"), {alice, {}}));
  EXPECT_FALSE(store.contains(key(3)));
}

TEST_F(MemoryStoreTest, TheLongestPrefixIsTheLastOfTheKeysThatIsThere) {
  const std::array keys{key(1), key(2), key(3), key(4)};
  EXPECT_FALSE(store.find_longest(keys, 2, scope));
  EXPECT_EQ(store.stats().misses, 1u);
  EXPECT_FALSE(store.find_longest(keys, {}, scope));
  EXPECT_EQ(store.stats().misses, 1u) << "nothing would have been stored";
  store.insert(key(1), record("short"), {alice, {}});
  store.insert(key(3), record("long"), {alice, {}});
  const auto longest = store.find_longest(keys, 2, scope);
  ASSERT_TRUE(longest);
  EXPECT_EQ(longest->index, 2u);
  EXPECT_EQ(longest->record.payload.text(), "long");
  EXPECT_EQ(store.stats().hits, 1u);
  EXPECT_FALSE(store.find_longest({}, {}, scope));
}

TEST_F(MemoryStoreTest, ManyAreFoundInTheirOrder) {
  store.insert(key(1), record("one"), {alice, {}});
  store.insert(key(3), record("three"), {alice, {}});
  const auto found = store.find_many(std::array{key(3), key(2), key(1)}, scope);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0]->payload.text(), "three");
  EXPECT_FALSE(found[1]);
  EXPECT_EQ(found[2]->payload.text(), "one");
}

TEST_F(MemoryStoreTest, PurgesByTenantAndByImage) {
  store.insert(key(1), record("a"), {alice, std::array{red}});
  store.insert(key(2), record("b"), {alice, std::array{red, blue}});
  store.insert(key(3), record("c"), {bob, std::array{red}});
  EXPECT_EQ(store.records_of(alice, blue).size(), 1u);
  EXPECT_EQ(store.purge(alice, blue), 1u);
  EXPECT_FALSE(store.contains(key(2)));
  EXPECT_TRUE(store.contains(key(1)));
  EXPECT_EQ(store.purge(alice), 1u);
  EXPECT_EQ(store.purge(alice), 0u);
  EXPECT_TRUE(store.contains(key(3)));
  EXPECT_EQ(store.erase(std::array{key(3), key(4)}), 1u);
}

TEST_F(MemoryStoreTest, PurgesByLabel) {
  store.insert(key(1), record("1"), {.tenant = alice, .images = {}});
  store.insert(key(2), record("2"), {.tenant = bob, .images = {}});
  store.insert(key(3), record("3"), {.tenant = bob, .images = {}});
  EXPECT_EQ(store.purge(PurgeLabel{.tenant = alice, .image = {}}), 1u);
  EXPECT_EQ(store.purge(PurgeLabel{.tenant = bob, .image = alice}), 0u);
  EXPECT_EQ(store.purge(PurgeLabel::of_everything()), 2u);
  EXPECT_EQ(store.purge(PurgeLabel::of_everything()), 0u);
  EXPECT_FALSE(store.contains(key(3)));
}

TEST_F(MemoryStoreTest, WhatWasEvictedCountsAsGone) {
  for (int i = 0; i < 5000; ++i) ASSERT_TRUE(store.insert(key(i), record("x"), {alice, std::array{red}}));
  const std::uint64_t entries = store.stats().entries;
  ASSERT_LT(entries, 2000u) << "some had to leave";
  EXPECT_EQ(store.purge(alice), entries);
  EXPECT_EQ(store.stats().entries, 0u);
}

TEST_F(MemoryStoreTest, TheIndexIsChargedToTheBudget) {
  store.insert(key(1), record("x"), {alice, std::array{red, blue}});
  EXPECT_EQ(store.stats().bytes, record_header_bytes + 1 + Level::entry_overhead_bytes + PurgeIndex::bytes_of(2));
}

TEST(MemoryStore, WithoutABudgetNothingIsAdmittedOrIndexed) {
  MemoryStore none(RecordKind::prefix, LevelOptions{});
  EXPECT_FALSE(none.insert(key(1), record("x"), {alice, {}}));
  EXPECT_EQ(none.purge(alice), 0u);
}

}  // namespace
}  // namespace fovea
