// What every tier does: one suite, run on each of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/scratch_folder.h"
#include "store/purge_label.h"
#include "tier/encryption/encrypted_tier.h"
#include "tier/encryption/memory_secrets.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::entry_of;
using test::key_of;
using enum RecordKind;

// A place for a tier, which outlives the tier.
class Place {
 public:
  virtual ~Place() = default;
  virtual std::unique_ptr<Tier> open() = 0;
};

class DiskPlace final : public Place {
 public:
  std::unique_ptr<Tier> open() override {
    auto tier = RocksdbTier::open({.folder = folder_->path(), .bytes_max = std::uint64_t{256} << 20});
    EXPECT_TRUE(tier) << tier.error().message;
    return tier ? std::move(*tier) : nullptr;
  }

 private:
  Result<ScratchFolder> folder_ = ScratchFolder::make("fovea-test");
};

class SharedPlace final : public Place {
 public:
  std::unique_ptr<Tier> open() override {
    auto tier = ValkeyTier::open({.address = server_.address(), .fleet_keys = {SealKey{std::byte{1}}}});
    EXPECT_TRUE(tier) << tier.error().message;
    return tier ? std::move(*tier) : nullptr;
  }

 private:
  test::ValkeyServer server_;
};

// A tier of `Inner`, encrypted, with the secrets in memory.
template <typename Inner>
class EncryptedPlace final : public Place {
 public:
  std::unique_ptr<Tier> open() override {
    auto keys = std::make_shared<TenantKeys>(std::vector{SealKey{std::byte{1}}},
                                             std::make_unique<test::MemorySecrets>(secrets_));
    return std::make_unique<EncryptedTier>(inner_.open(), std::move(keys), SecretOnPurge::destroyed);
  }

 private:
  Inner inner_;
  const std::shared_ptr<test::SecretsInMemory> secrets_ = std::make_shared<test::SecretsInMemory>();
};

struct Kind {
  const char* name;
  std::function<std::unique_ptr<Place>()> make;
};

class TierConformanceTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    place = GetParam().make();
    tier = place->open();
    ASSERT_TRUE(tier);
  }

  void reopen() {
    tier.reset();
    tier = place->open();
    ASSERT_TRUE(tier);
  }

  std::optional<TierHit> find(std::string_view name, RecordKind kind = embedding) {
    const Key key = key_of(name);
    auto found = tier->find_many(kind, std::span(&key, 1), {});
    EXPECT_TRUE(found) << found.error().message;
    return found ? std::move(found->front()) : std::nullopt;
  }

  void insert(const TierEntry& entry, RecordKind kind = embedding) {
    const auto inserted = tier->insert(kind, entry);
    EXPECT_TRUE(inserted) << inserted.error().message;
  }

  std::unique_ptr<Place> place;
  std::unique_ptr<Tier> tier;
};

bool same_bytes(const Blob& one, const Blob& other) { return std::ranges::equal(one.bytes(), other.bytes()); }

TEST_P(TierConformanceTest, WhatWasInsertedIsFoundToTheBit) {
  for (const std::size_t bytes : {0UL, 1UL, 63UL, 64UL, 150'000UL, 5'000'000UL}) {
    const TierEntry entry = entry_of(std::to_string(bytes), bytes, bytes);
    insert(entry);
    const auto hit = find(std::to_string(bytes));
    ASSERT_TRUE(hit) << bytes;
    EXPECT_TRUE(same_bytes(hit->entry.record, entry.record));
    EXPECT_EQ(hit->entry.key, entry.key);
    EXPECT_EQ(hit->entry.tenant, entry.tenant);
    EXPECT_EQ(hit->entry.images, entry.images);
    EXPECT_EQ(hit->record.header.cost_ms, 100);
    EXPECT_EQ(hit->record.payload.size(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(hit->record.payload.bytes().data()) % 64, 0u)
        << "rows are used in place";
  }
  EXPECT_FALSE(find("another"));
}

TEST_P(TierConformanceTest, AKindIsAPlaceOfItsOwn) {
  insert(entry_of("a", 1, 100, prefix), prefix);
  EXPECT_FALSE(find("a", embedding));
  EXPECT_TRUE(find("a", prefix));
}

TEST_P(TierConformanceTest, ALaterValueReplacesAnEarlierOne) {
  insert(entry_of("a", 1));
  insert(entry_of("a", 2));
  const auto hit = find("a");
  ASSERT_TRUE(hit);
  EXPECT_TRUE(same_bytes(hit->entry.record, entry_of("a", 2).record));
}

TEST_P(TierConformanceTest, FindsManyInOrder) {
  insert(entry_of("a", 1));
  insert(entry_of("c", 3));
  const Key keys[] = {key_of("c"), key_of("b"), key_of("a"), key_of("c")};
  const auto found = tier->find_many(embedding, keys, {});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4u);
  EXPECT_EQ((*found)[0]->entry.key, key_of("c"));
  EXPECT_FALSE((*found)[1]);
  EXPECT_EQ((*found)[2]->entry.key, key_of("a"));
  EXPECT_EQ((*found)[3]->entry.key, key_of("c"));
  EXPECT_TRUE(tier->find_many(embedding, {}, {})->empty());
}

TEST_P(TierConformanceTest, FindsTheLast) {
  insert(entry_of("a", 1, 100, prefix), prefix);
  insert(entry_of("b", 2, 100, prefix), prefix);
  const Key keys[] = {key_of("a"), key_of("b"), key_of("c")};
  const auto last = tier->find_last(prefix, keys, {});
  ASSERT_TRUE(last && *last);
  EXPECT_EQ((*last)->index, 1u);
  EXPECT_EQ((*last)->hit.entry.key, key_of("b"));
  EXPECT_FALSE(*tier->find_last(prefix, std::span(keys).last(1), {}));
  EXPECT_FALSE(*tier->find_last(prefix, {}, {}));
}

TEST_P(TierConformanceTest, WhatIsErasedIsGone) {
  insert(entry_of("a"));
  insert(entry_of("b"));
  const Key keys[] = {key_of("a"), key_of("never there")};
  EXPECT_TRUE(tier->erase(embedding, keys));
  EXPECT_FALSE(find("a"));
  EXPECT_TRUE(find("b"));
}

TEST_P(TierConformanceTest, WhatACallerDropsIsGone) {
  insert(entry_of("a"));
  insert(entry_of("b"));
  const Key keys[] = {key_of("a"), key_of("never there")};
  tier->drop(embedding, keys, {.stop = {}, .deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1)});
  EXPECT_FALSE(find("a"));
  EXPECT_TRUE(find("b"));
  std::stop_source stopped;
  stopped.request_stop();
  const Key other = key_of("b");
  tier->drop(embedding, std::span(&other, 1), {.stop = stopped.get_token(), .deadline = {}});
  EXPECT_TRUE(find("b")) << "who is stopped waits for nothing";
}

TEST_P(TierConformanceTest, PurgingATenantLeavesTheOthers) {
  TierEntry other = entry_of("b");
  other.tenant = key_of("another tenant");
  insert(entry_of("a"));
  insert(entry_of("a", 1, 100, response), response);
  insert(other);
  EXPECT_TRUE(tier->purge(key_of("tenant")));
  EXPECT_FALSE(find("a"));
  EXPECT_FALSE(find("a", response));
  EXPECT_TRUE(find("b"));
}

TEST_P(TierConformanceTest, PurgingAnImageTakesWhatWasMadeFromIt) {
  TierEntry two_images = entry_of("two");
  two_images.images = {key_of("first"), key_of("image")};
  TierEntry other_image = entry_of("other");
  other_image.images = {key_of("first")};
  TierEntry no_image = entry_of("none");
  no_image.images = {};
  TierEntry same_image_of_another = entry_of("another's");
  same_image_of_another.tenant = key_of("another tenant");
  for (const TierEntry& entry : {entry_of("one"), two_images, other_image, no_image, same_image_of_another})
    insert(entry);
  EXPECT_TRUE(tier->purge(key_of("tenant"), key_of("image")));
  EXPECT_FALSE(find("one"));
  EXPECT_FALSE(find("two"));
  EXPECT_TRUE(find("other"));
  EXPECT_TRUE(find("none"));
  EXPECT_TRUE(find("another's"));
}

TEST_P(TierConformanceTest, WhatIsWithdrawnWhileItIsInsertedIsNotKept) {
  std::atomic<bool> withdrawn = false;
  TierEntry entry = entry_of("a");
  entry.withdrawn = &withdrawn;
  insert(entry);
  EXPECT_TRUE(find("a"));
  const Key keys[] = {key_of("a")};
  withdrawn = true;
  EXPECT_TRUE(tier->erase(embedding, keys));
  insert(entry);
  EXPECT_FALSE(find("a"));
}

TEST_P(TierConformanceTest, PurgesMayBeMany) {
  for (const char* name : {"a", "b", "c"}) {
    TierEntry entry = entry_of(name);
    entry.tenant = key_of(name);
    insert(entry);
  }
  const PurgeLabel labels[] = {{.tenant = key_of("a"), .image = {}},
                               {.tenant = key_of("b"), .image = key_of("image")},
                               {.tenant = key_of("b"), .image = key_of("image")}};
  EXPECT_TRUE(tier->purge_labels(labels));
  EXPECT_FALSE(find("a"));
  EXPECT_FALSE(find("b"));
  EXPECT_TRUE(find("c"));
  EXPECT_TRUE(tier->purge_labels({}));
}

TEST_P(TierConformanceTest, EverythingCanBePurged) {
  insert(entry_of("a"));
  insert(entry_of("b", 1, 100, prefix), prefix);
  TierEntry other = entry_of("c");
  other.tenant = key_of("another tenant");
  other.images = {};
  insert(other);
  const PurgeLabel everything = PurgeLabel::of_everything();
  EXPECT_TRUE(tier->purge_labels(std::span(&everything, 1)));
  EXPECT_FALSE(find("a"));
  EXPECT_FALSE(find("b", prefix));
  insert(entry_of("a"));
  EXPECT_TRUE(find("a"));
  reopen();
  EXPECT_TRUE(find("a"));
  EXPECT_FALSE(find("c"));
}

TEST_P(TierConformanceTest, WhatIsInsertedAfterAPurgeIsFound) {
  insert(entry_of("a"));
  EXPECT_TRUE(tier->purge(key_of("tenant"), key_of("image")));
  EXPECT_TRUE(tier->purge(key_of("tenant")));
  insert(entry_of("a"));
  EXPECT_TRUE(find("a"));
}

TEST_P(TierConformanceTest, EntriesAndPurgesOutliveTheTier) {
  insert(entry_of("a"));
  TierEntry purged = entry_of("b");
  purged.images = {key_of("purged image")};
  insert(purged);
  EXPECT_TRUE(tier->purge(key_of("tenant"), key_of("purged image")));
  reopen();
  EXPECT_TRUE(find("a"));
  EXPECT_FALSE(find("b")) << "a purge is not undone by a restart";
  insert(purged);
  EXPECT_TRUE(find("b"));
  reopen();
  EXPECT_TRUE(find("b"));
}

TEST_P(TierConformanceTest, IsUsedFromManyThreads) {
  constexpr int threads = 4, values = 50;
  std::vector<std::jthread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (int i = 0; i < values; ++i) {
        const std::string name = std::to_string(i);
        insert(entry_of(name, static_cast<std::uint64_t>(i), 2000));
        const auto hit = find(name);
        EXPECT_TRUE(!hit ||
                    same_bytes(hit->entry.record, test::record_of(embedding, static_cast<std::uint64_t>(i), 2000)));
        if (i % 10 == t) {
          EXPECT_TRUE(tier->purge(key_of("tenant"), key_of("an image of nobody")));
        }
      }
    });
  }
  running.clear();
  for (int i = 0; i < values; ++i) EXPECT_TRUE(find(std::to_string(i))) << i;
  if (tier->kind() == TierKind::disk) {
    EXPECT_EQ(tier->content(embedding).entries, static_cast<std::uint64_t>(values));
  }
}

TEST_P(TierConformanceTest, TellsItsKeysPageByPage) {
  constexpr int values = 2500;
  std::set<Key> stored;
  for (int i = 0; i < values; ++i) {
    const TierEntry entry = entry_of(std::to_string(i), 1, 10);
    insert(entry);
    stored.insert(entry.key);
  }
  insert(entry_of("of another kind", 1, 10, response), response);
  const Key gone = key_of("7");
  EXPECT_TRUE(tier->erase(embedding, std::span(&gone, 1)));
  stored.erase(gone);
  std::set<Key> told;
  int pages = 0;
  std::string from;
  do {
    const auto page = tier->keys(embedding, from, {});
    ASSERT_TRUE(page) << page.error().message;
    told.insert(page->keys.begin(), page->keys.end());
    from = page->next;
    ++pages;
  } while (!from.empty());
  EXPECT_EQ(told, stored);
  EXPECT_GT(pages, 1);
  const auto nowhere = tier->keys(embedding, "nowhere", {});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().fault, Fault::invalid);
}

TEST_P(TierConformanceTest, ALeaseIsLentOnceWhereOthersShare) {
  const auto second = place->open();
  ASSERT_TRUE(second);
  constexpr std::chrono::hours long_time{1};
  const bool shares = tier->kind() == TierKind::shared;
  EXPECT_TRUE(*tier->acquire_lease(key_of("a"), long_time));
  EXPECT_EQ(*second->acquire_lease(key_of("a"), long_time), !shares);
  EXPECT_TRUE(*second->acquire_lease(key_of("b"), long_time));
  second->release_lease(key_of("a"));  // which is not its own
  EXPECT_EQ(*second->acquire_lease(key_of("a"), long_time), !shares);
  tier->release_lease(key_of("a"));
  EXPECT_TRUE(*second->acquire_lease(key_of("a"), long_time));
}

INSTANTIATE_TEST_SUITE_P(
    All, TierConformanceTest,
    testing::Values(Kind{"Disk", [] { return std::make_unique<DiskPlace>(); }},
                    Kind{"Shared", [] { return std::make_unique<SharedPlace>(); }},
                    Kind{"EncryptedDisk", [] { return std::make_unique<EncryptedPlace<DiskPlace>>(); }},
                    Kind{"EncryptedShared", [] { return std::make_unique<EncryptedPlace<SharedPlace>>(); }}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace fovea
