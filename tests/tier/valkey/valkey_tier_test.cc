// Against a real server that works: what is kept, what is purged, and what is not believed. Servers that
// fail are in valkey_server_test.cc, servers that lie in lying_server_test.cc, clusters in
// valkey_cluster_test.cc.
#include "tier/valkey/valkey_tier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <format>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "store/purge_label.h"
#include "store/purge_log.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea {
namespace {

using test::doubted;
using test::entry_named;
using test::find_one;
using test::insert_into;
using test::key_named;
using test::record_named;
using testing::HasSubstr;

constexpr RecordKind embedding = RecordKind::embedding;

class ValkeyTierTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<test::ValkeyServer>(); }
  static void TearDownTestSuite() { server.reset(); }
  void SetUp() override { server->ask({"FLUSHALL"}); }

  static std::unique_ptr<ValkeyTier> open(ValkeyOptions options = {}) {
    options.address = server->address();
    return ValkeyTier::open(options).value();
  }
  static std::string server_key(const Key& key, RecordKind kind = embedding) {
    return std::format("fovea:1:{}:", static_cast<int>(kind)) +
           std::string(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
  }
  static std::string stored(const Key& key) { return server->ask({"GET", server_key(key)}); }
  // `value` in place of the entry of "picture" is a miss, counted as `fault`, and removed.
  static void expect_doubted(ValkeyTier& tier, const std::string& value, RecordFault fault) {
    const Key key = key_named("picture");
    server->ask({"SET", server_key(key), value});
    const std::uint64_t before = doubted(tier, fault);
    EXPECT_FALSE(find_one(tier, key));
    EXPECT_EQ(doubted(tier, fault), before + 1) << to_string(fault);
    EXPECT_EQ(stored(key), "(nil)");
  }

  static std::unique_ptr<test::ValkeyServer> server;
};
std::unique_ptr<test::ValkeyServer> ValkeyTierTest::server;

// The row of docs/tiers.md about an ACL.
std::string documented_rights() {
  std::ifstream file(FOVEA_SOURCE_DIR "/docs/tiers.md");
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const std::string begin = "an ACL of `~fovea:*` and `";
  const std::size_t at = text.find(begin) + begin.size();
  return text.substr(at, text.find('`', at) - at);
}

TEST_F(ValkeyTierTest, TheRightsThatTheDocsNameAreEnough) {
  const test::ValkeyServer own;
  std::vector<std::string> rights = {"ACL", "SETUSER", "default", "reset", "on", "nopass", "~fovea:*"};
  std::istringstream words(documented_rights());
  for (std::string word; words >> word;) {
    std::erase(word, '\\');  // which stands before a | in a table
    rights.push_back("+" + word);
  }
  ASSERT_EQ(own.ask(rights), "OK");
  const auto tier = ValkeyTier::open({.address = own.address()}).value();
  const auto begin = tier->purge_log()->after("", {});
  ASSERT_TRUE(begin) << begin.error().message;
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
  const Key keys[] = {key_named("picture")};
  EXPECT_TRUE(tier->find_last(embedding, keys, {}).value());
  EXPECT_EQ(tier->keys(embedding, "", {}).value().keys.size(), 1u);
  EXPECT_TRUE(tier->acquire_lease(keys[0], std::chrono::seconds(1)).value());
  tier->release_lease(keys[0]);
  EXPECT_TRUE(tier->purge(key_named("tenant")));
  const PurgeLabel everything = PurgeLabel::of_everything();
  const auto purged = tier->purge_labels(std::span(&everything, 1));
  EXPECT_TRUE(purged) << purged.error().message;
  EXPECT_TRUE(tier->purge_log()->after(begin->position, {}));
  EXPECT_TRUE(tier->purge_log()->after("1-1", {}).value().lost);
  EXPECT_TRUE(tier->erase(embedding, keys));
}

TEST_F(ValkeyTierTest, WhereARightIsMissingThoseThatTheDocsNameAreTold) {
  const test::ValkeyServer own;
  ASSERT_EQ(own.ask({"ACL", "SETUSER", "default", "reset", "on", "nopass", "~fovea:*", "+ping"}), "OK");
  const auto tier = ValkeyTier::open({.address = own.address()}).value();
  const Key keys[] = {key_named("picture")};
  std::string rights = documented_rights();
  std::erase(rights, '\\');
  ASSERT_FALSE(rights.empty());
  EXPECT_THAT(tier->find_many(embedding, keys, {}).error().message, testing::HasSubstr("commands " + rights + " ("));
}

TEST_F(ValkeyTierTest, IsTheSharedTierAndClaimsToHoldNothing) {
  const auto tier = open();
  EXPECT_EQ(tier->kind(), TierKind::shared);
  EXPECT_EQ(tier->content(embedding).entries, 0U);
}

TEST_F(ValkeyTierTest, GivesBackEveryByteOfEverySize) {
  const auto tier = open();
  constexpr std::size_t whole = (std::size_t{64} << 20) - record_header_bytes;
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{1}, std::size_t{4000}, std::size_t{32'700},
                                  std::size_t{150'000}, std::size_t{10'000'000}, whole}) {
    const TierEntry entry = entry_named(std::to_string(bytes), bytes);
    insert_into(*tier, entry);
    const auto hit = find_one(*tier, entry.key);
    ASSERT_TRUE(hit) << bytes;
    EXPECT_TRUE(hit->entry.record.text() == entry.record.text()) << bytes;
    EXPECT_EQ(hit->entry.tenant, entry.tenant);
    EXPECT_EQ(hit->entry.images, entry.images);
    EXPECT_EQ(hit->record.header.cost_ms, 12);
    EXPECT_EQ(hit->record.payload.size(), bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(hit->record.payload.bytes().data()) % 64, 0U);
  }
}

TEST_F(ValkeyTierTest, ReplacesAnEntry) {
  const auto tier = open();
  TierEntry entry = entry_named("picture");
  insert_into(*tier, entry);
  entry.record = record_named("other bytes", 7);
  insert_into(*tier, entry);
  EXPECT_EQ(find_one(*tier, entry.key)->entry.record.text(), entry.record.text());
}

TEST_F(ValkeyTierTest, FindsManyInOrderWithMissesBetween) {
  const auto tier = open();
  std::vector<Key> keys;
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    keys.push_back(key_named(name));
    if (i % 3 != 0) insert_into(*tier, entry_named(name, static_cast<std::size_t>(i) * 200));
  }
  keys.push_back(keys[1]);  // asked twice
  const auto hits = tier->find_many(embedding, keys, {});
  ASSERT_TRUE(hits) << hits.error().message;
  ASSERT_EQ(hits->size(), keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ASSERT_EQ((*hits)[i].has_value(), i % 3 != 0 || i == 300) << i;
    if ((*hits)[i]) {
      EXPECT_EQ((*hits)[i]->entry.key, keys[i]);
      EXPECT_EQ((*hits)[i]->record.payload.size(), (i == 300 ? 1 : i) * 200);
    }
  }
  EXPECT_TRUE(tier->find_many(embedding, {}, {})->empty());
}

TEST_F(ValkeyTierTest, FindsTheLast) {
  const auto tier = open();
  std::vector<Key> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(key_named(std::to_string(i)));
  EXPECT_FALSE(tier->find_last(embedding, keys, {}).value());
  for (const int i : {0, 2, 4}) insert_into(*tier, entry_named(std::to_string(i)));
  EXPECT_EQ(tier->find_last(embedding, keys, {}).value()->index, 4U);
  EXPECT_FALSE(tier->find_last(embedding, {}, {}).value());

  server->ask({"SET", server_key(keys[5]), "not an entry"});  // it exists, and is worth nothing
  const auto last = tier->find_last(embedding, keys, {}).value();
  EXPECT_EQ(last->index, 4U);
  EXPECT_EQ(last->hit.entry.key, keys[4]);
}

TEST_F(ValkeyTierTest, ErasesWhatItIsToldTo) {
  const auto tier = open();
  const std::vector<Key> keys = {key_named("a"), key_named("b"), key_named("never there")};
  for (const char* name : {"a", "b", "c"}) insert_into(*tier, entry_named(name));
  ASSERT_TRUE(tier->erase(embedding, keys));
  EXPECT_FALSE(find_one(*tier, key_named("a")));
  EXPECT_FALSE(find_one(*tier, key_named("b")));
  EXPECT_TRUE(find_one(*tier, key_named("c")));
}

TEST_F(ValkeyTierTest, PurgesATenantForEveryProcess) {
  const auto tier = open(), other_process = open();
  TierEntry theirs = entry_named("theirs");
  theirs.tenant = key_named("another tenant");
  insert_into(*tier, entry_named("ours"));
  insert_into(*tier, theirs);
  ASSERT_TRUE(find_one(*other_process, key_named("ours")));
  ASSERT_TRUE(other_process->purge(key_named("tenant")));
  EXPECT_FALSE(find_one(*tier, key_named("ours")));
  EXPECT_EQ(doubted(*tier, RecordFault::purged), 1U);
  EXPECT_EQ(stored(key_named("ours")), "(nil)");
  EXPECT_TRUE(find_one(*tier, theirs.key));

  insert_into(*tier, entry_named("ours"));
  EXPECT_TRUE(find_one(*other_process, key_named("ours"))) << "what is stored after a purge is found";
}

TEST_F(ValkeyTierTest, PurgesAnImageOfOneTenant) {
  const auto tier = open(), other_process = open();
  TierEntry two_images = entry_named("two images");
  two_images.images.push_back(key_named("second image"));
  TierEntry theirs = entry_named("theirs");
  theirs.tenant = key_named("another tenant");
  for (const TierEntry& entry : {two_images, theirs, entry_named("first only")}) insert_into(*tier, entry);
  ASSERT_TRUE(other_process->purge(key_named("tenant"), key_named("second image")));
  EXPECT_FALSE(find_one(*tier, two_images.key));
  EXPECT_TRUE(find_one(*tier, key_named("first only")));
  ASSERT_TRUE(other_process->purge(key_named("tenant"), key_named("image")));
  EXPECT_FALSE(find_one(*tier, key_named("first only")));
  EXPECT_TRUE(find_one(*tier, theirs.key)) << "the same image, of another tenant";
}

TEST_F(ValkeyTierTest, LosesNoMoreThanCacheWithAGeneration) {
  const auto tier = open();
  insert_into(*tier, entry_named("picture"));
  const std::string listed = server->ask({"KEYS", "fovea:1:g:*"});
  ASSERT_NE(listed, "");
  server->ask({"EVAL", "for _, key in ipairs(redis.call('KEYS', 'fovea:1:g:*')) do redis.call('DEL', key) end", "0"});
  EXPECT_FALSE(find_one(*tier, key_named("picture")));
  EXPECT_EQ(doubted(*tier, RecordFault::purged), 1U);
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture")));
  server->ask(
      {"EVAL", "for _, key in ipairs(redis.call('KEYS', 'fovea:1:g:*')) do redis.call('SET', key, 'x') end", "0"});
  EXPECT_FALSE(find_one(*tier, key_named("picture")));
  insert_into(*tier, entry_named("picture"));
  EXPECT_TRUE(find_one(*tier, key_named("picture"))) << "a number that is none is drawn anew";
}

TEST_F(ValkeyTierTest, DoubtsWhatItsSealDoesNotProve) {
  const auto tier = open();
  const TierEntry entry = entry_named("picture", 1000), other = entry_named("another picture", 1000);
  insert_into(*tier, entry);
  insert_into(*tier, other);
  const std::string sound = stored(entry.key);
  for (const std::size_t at :
       {std::size_t{20}, std::size_t{90}, std::size_t{200}, sound.size() - 500, sound.size() - 1}) {
    std::string flipped = sound;
    flipped[at] = static_cast<char>(flipped[at] ^ 4);
    expect_doubted(*tier, flipped, RecordFault::wrong_checksum);
  }
  expect_doubted(*tier, "", RecordFault::too_short);
  expect_doubted(*tier, sound.substr(0, 100), RecordFault::too_short);
  expect_doubted(*tier, sound.substr(0, sound.size() - 1), RecordFault::wrong_length);
  expect_doubted(*tier, sound + "x", RecordFault::wrong_length);
  expect_doubted(*tier, "garbage " + sound, RecordFault::wrong_magic);
  expect_doubted(*tier, std::string(100'000, '\0'), RecordFault::wrong_magic);
  expect_doubted(*tier, stored(other.key), RecordFault::wrong_key);
  EXPECT_TRUE(find_one(*tier, other.key));
}

TEST_F(ValkeyTierTest, DoubtsAnEntryOfAnotherKind) {
  const auto tier = open();
  const TierEntry entry = entry_named("picture", 100, RecordKind::prefix);
  insert_into(*tier, entry, RecordKind::prefix);
  EXPECT_FALSE(find_one(*tier, entry.key)) << "kinds have keys of their own";
  expect_doubted(*tier, server->ask({"GET", server_key(entry.key, RecordKind::prefix)}), RecordFault::wrong_kind);
}

TEST_F(ValkeyTierTest, BelievesTheFleetsKeysOnly) {
  const SealKey present{std::byte{1}}, next{std::byte{2}}, strange{std::byte{3}};
  const auto unsealed = open(), sealed = open({.fleet_keys = {present}}), stranger = open({.fleet_keys = {strange}});
  const auto rotating = open({.fleet_keys = {next, present}}), rotated = open({.fleet_keys = {next}});
  const Key key = key_named("picture");

  insert_into(*unsealed, entry_named("picture"));
  EXPECT_FALSE(find_one(*sealed, key)) << "without a MAC";
  insert_into(*stranger, entry_named("picture"));
  EXPECT_FALSE(find_one(*sealed, key)) << "a stranger's";
  EXPECT_EQ(doubted(*sealed, RecordFault::wrong_checksum), 2U);

  insert_into(*sealed, entry_named("picture"));
  EXPECT_TRUE(find_one(*sealed, key));
  EXPECT_TRUE(find_one(*rotating, key)) << "the key before";
  insert_into(*rotating, entry_named("picture"));
  EXPECT_TRUE(find_one(*rotated, key)) << "the first key seals";
  EXPECT_FALSE(find_one(*unsealed, key)) << "a MAC that it cannot check";
}

TEST_F(ValkeyTierTest, TakesNothingLargerThanItsBound) {
  const auto tier = open({.entry_bytes_max = 1000});
  EXPECT_EQ(tier->insert(embedding, entry_named("large", 2000)).error().fault, Fault::too_large);
  TierEntry many_images = entry_named("many");
  many_images.images.assign(entry_images_max + 1, key_named("image"));
  EXPECT_EQ(tier->insert(embedding, many_images).error().fault, Fault::too_large);
  many_images.images.resize(entry_images_max);
  insert_into(*tier, many_images);
  EXPECT_EQ(find_one(*tier, many_images.key)->entry.images.size(), entry_images_max);
}

TEST_F(ValkeyTierTest, LetsEntriesExpireIfToldTo) {
  const auto tier = open({.time_to_live = std::chrono::hours(1)}), endless = open();
  insert_into(*tier, entry_named("mortal"));
  insert_into(*endless, entry_named("endless"));
  const int left_ms = std::stoi(server->ask({"PTTL", server_key(key_named("mortal"))}));
  EXPECT_GT(left_ms, 3'500'000);
  EXPECT_LE(left_ms, 3'600'000);
  EXPECT_EQ(server->ask({"PTTL", server_key(key_named("endless"))}), "-1");
  EXPECT_TRUE(find_one(*tier, key_named("mortal")));
}

TEST_F(ValkeyTierTest, SaysThatAnotherProgramWritesUnderItsKeys) {
  const auto tier = open();
  const std::vector<Key> keys = {key_named("list"), key_named("picture")};
  server->ask({"LPUSH", server_key(keys[0]), "element"});
  insert_into(*tier, entry_named("picture"));
  const auto one = tier->find_many(embedding, std::span(keys).first(1), {});
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().fault, Fault::unavailable);
  EXPECT_THAT(one.error().message, HasSubstr("no other program may write there"));
  const auto both = tier->find_many(embedding, keys, {});
  ASSERT_TRUE(both) << both.error().message;
  EXPECT_FALSE((*both)[0]);
  EXPECT_TRUE((*both)[1]);
}

TEST_F(ValkeyTierTest, ServesManyThreadsOverFourConnections) {
  const auto tier = open();
  std::vector<std::jthread> threads;
  std::atomic<int> hits = 0;
  for (int thread = 0; thread < 12; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 30; ++i) {
        const TierEntry entry = entry_named(std::format("{} {}", thread, i), static_cast<std::size_t>(i) * 3000);
        insert_into(*tier, entry);
        const auto hit = find_one(*tier, entry.key);
        hits += hit && hit->entry.record.text() == entry.record.text();
      }
    });
  }
  threads.clear();
  EXPECT_EQ(hits, 12 * 30);
  const std::string clients = server->ask({"INFO", "clients"});
  const std::size_t at = clients.find("connected_clients:");
  ASSERT_NE(at, std::string::npos);
  EXPECT_LE(std::stoi(clients.substr(at + 18)), 5) << "four, and the one that asks";
}

TEST_F(ValkeyTierTest, RefusesWhatItCannotUse) {
  const auto why = [](const ValkeyOptions& options) {
    const auto tier = ValkeyTier::open(options);
    EXPECT_FALSE(tier);
    return tier ? std::string() : tier.error().message;
  };
  EXPECT_THAT(why({.address = "127.0.0.1"}), HasSubstr("begins with valkey://"));
  EXPECT_THAT(why({.address = "valkey://h", .password_file = "/nowhere/at all"}), HasSubstr("/nowhere/at all"));
  EXPECT_THAT(why({.address = "valkey://h", .fleet_keys = {SealKey{}, SealKey{}, SealKey{}}}),
              HasSubstr("3 fleet keys"));
  EXPECT_THAT(why({.address = "valkey://h", .entry_bytes_max = 1 << 30}), HasSubstr("512 MiB at most"));
  EXPECT_THAT(why({.address = "valkeys://h", .tls = {.authorities = "/nowhere"}}), HasSubstr("/nowhere"));
}

}  // namespace
}  // namespace fovea
