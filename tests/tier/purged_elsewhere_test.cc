// What one process purges, another one does not find: two processes' worth of stores, each with its memory
// and its disk, beside one real server.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "base/scratch_folder.h"
#include "store/level_stores.h"
#include "store/purge_follower.h"
#include "tier/entries.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using test::key_of;
using test::test_scope;
using namespace std::chrono_literals;

constexpr RecordKind kind = RecordKind::prefix;
// No hiccup of a machine makes a tier slower than that.
constexpr double costly_ms = 60'000;

Blob costly_record(std::string_view text) {
  return encode_record({.kind = kind, .scope = test_scope(), .cost_ms = costly_ms}, std::as_bytes(std::span(text)));
}

// What a process has of one level.
class Process {
 public:
  Process(const std::filesystem::path& folder, const std::string& server) {
    auto disk = RocksdbTier::open({.folder = folder, .bytes_max = std::uint64_t{256} << 20});
    auto shared = ValkeyTier::open({.address = server, .fleet_keys = {SealKey{std::byte{1}}}, .wait_max = 1s});
    EXPECT_TRUE(disk && shared);
    const TierLaneOptions options{.breaker = {.wait_min_ms = 1, .wait_max_ms = 50}};
    tiers_.push_back(std::make_unique<TierLane>(std::move(*disk), options));
    tiers_.push_back(std::make_unique<TierLane>(std::move(*shared), options));
    follower_ =
        std::make_unique<PurgeFollower>(tiers_, PurgeFollowerOptions{.pause = 5ms, .first_wait = 5s, .tell = {}});
    store_ = make_store(kind, 1 << 20, PolicyKind::lru, &tiers_);
  }

  void keep(std::string_view name, std::string_view tenant, std::vector<Key> images = {}) {
    store_->insert(key_of(name), costly_record(name), {.tenant = key_of(tenant), .images = images});
    flush();
  }
  void purge(std::string_view tenant) { store_->purge(key_of(tenant)); }
  void purge(std::string_view tenant, std::string_view image) { store_->purge(key_of(tenant), key_of(image)); }
  bool finds(std::string_view name) {
    const bool found = store_->find(key_of(name), test_scope()).has_value();
    flush();  // what was promoted is on the disk
    return found;
  }
  bool in_memory(std::string_view name) { return store_->contains(key_of(name)); }
  bool on_disk(std::string_view name) {
    return tiers_[0]->find_many(kind, std::array{key_of(name)}, test_scope(), {})[0].has_value();
  }
  bool keeps(std::string_view name) { return in_memory(name) || on_disk(name); }
  void flush() {
    for (const auto& tier : tiers_) tier->flush(std::chrono::steady_clock::now() + 10s);
  }
  TierLane& shared() { return *tiers_[1]; }

 private:
  Tiers tiers_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<PurgeFollower> follower_;
};

class PurgedElsewhereTest : public testing::Test {
 protected:
  void SetUp() override {
    here.emplace(folders[0].path(), server.address());
    there.emplace(folders[1].path(), server.address());
  }
  // Both find it, in memory, on disk and in the server.
  void share(std::string_view name, std::string_view tenant, std::vector<Key> images = {}) {
    here->keep(name, tenant, std::move(images));
    ASSERT_TRUE(there->finds(name));
    ASSERT_TRUE(there->in_memory(name));
    ASSERT_TRUE(there->on_disk(name));
  }

  const std::array<ScratchFolder, 2> folders = {ScratchFolder::make("fovea-test").value(),
                                                ScratchFolder::make("fovea-test").value()};
  test::ValkeyServer server;
  std::optional<Process> here, there;
};

TEST_F(PurgedElsewhereTest, IsFoundNeitherInMemoryNorOnDisk) {
  share("red", "alice", {key_of("red")});
  share("blue", "alice", {key_of("blue")});
  share("other", "bob", {key_of("red")});
  here->purge("alice", "red");
  EXPECT_TRUE(test::eventually([&] { return !there->keeps("red"); }));
  EXPECT_FALSE(there->finds("red"));
  EXPECT_TRUE(there->in_memory("blue") && there->on_disk("blue"));
  there->purge("alice");
  EXPECT_TRUE(test::eventually([&] { return !here->keeps("blue"); }));
  EXPECT_FALSE(here->finds("blue"));
  EXPECT_TRUE(here->finds("other") && there->finds("other"));
}

TEST_F(PurgedElsewhereTest, WhoWasDownDoesNotFindItWhenItIsUpAgain) {
  share("red", "alice");
  share("other", "bob");
  there.reset();
  here->purge("alice");
  there.emplace(folders[1].path(), server.address());
  EXPECT_FALSE(there->on_disk("red"));
  EXPECT_FALSE(there->finds("red"));
  EXPECT_TRUE(there->on_disk("other"));
}

// A server that keeps nothing is emptied by its restart.
TEST_F(PurgedElsewhereTest, WhoRunsWhileTheServerRestartsKeepsWhatItHas) {
  share("red", "alice");
  share("other", "bob");
  server.kill();
  server.start();
  here->purge("alice");
  EXPECT_TRUE(test::eventually([&] { return !there->keeps("red"); }));
  EXPECT_TRUE(there->in_memory("other") && there->on_disk("other"));
  EXPECT_TRUE(here->in_memory("other") && here->on_disk("other"));
}

TEST_F(PurgedElsewhereTest, WhoWasDownAndFindsTheLogLostPurgesAllThatItKept) {
  share("red", "alice");
  there.reset();
  server.ask({"XTRIM", "fovea:1:{purges}", "MAXLEN", "0"});
  there.emplace(folders[1].path(), server.address());
  EXPECT_FALSE(there->on_disk("red"));
  EXPECT_TRUE(there->finds("red")) << "the server has it, and it was not purged there";
}

TEST_F(PurgedElsewhereTest, WithoutTheServerAllGoesOnAndAPurgeComesThroughLater) {
  share("red", "alice");
  share("other", "bob");
  server.stop();
  here->purge("alice");
  EXPECT_FALSE(here->keeps("red"));
  EXPECT_TRUE(there->in_memory("red") && there->on_disk("red")) << "nobody can tell it";
  EXPECT_TRUE(there->finds("other"));
  server.resume();
  EXPECT_TRUE(test::eventually([&] { return !there->keeps("red"); })) << "though nobody writes anything";
  EXPECT_FALSE(there->finds("red"));
  EXPECT_TRUE(there->in_memory("other"));
}

// So many that they are not remembered one by one.
TEST_F(PurgedElsewhereTest, TooManyPurgesThatWaitPurgeEverythingOfAll) {
  share("red", "alice");
  share("other", "bob");
  server.ask({"CONFIG", "SET", "maxmemory", "1"});  // it refuses what is written
  here->purge("bob");
  for (std::size_t i = 0; i <= PendingRemovals::removals_max; ++i)
    here->shared().purge({.tenant = key_of(std::to_string(i)), .image = {}});
  EXPECT_TRUE(there->in_memory("other"));
  server.ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(test::eventually([&] { return here->shared().has_removed_all(); }));
  EXPECT_TRUE(test::eventually([&] { return !there->keeps("other"); }));
  EXPECT_FALSE(there->finds("other"));
  EXPECT_FALSE(there->keeps("red"));
  here->keep("new", "alice");
  EXPECT_TRUE(there->finds("new")) << "the tier is believed again";
}

}  // namespace
}  // namespace fovea
