// A store over real tiers: memory, a disk and a Valkey server, used by many threads and started again in
// between. What is found is, to the bit, a value that was inserted under that very key and was not removed
// since, or nothing is found.
//
// A key is inserted by one thread, with a version that grows; its tenant and its image never change. So
// whoever removes knows which versions went, and a look-up that begins afterwards must find a later one.
// Which version a value is stands in its header, and its bytes follow from key and version.
//
// FOVEA_TIER_OPERATIONS=1000000 is the long run: more threads, larger values, and a disk and a server that
// become full. Only then there is also a Cluster, whose slots move and whose nodes die meanwhile
// (HACKING.md).
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <format>
#include <memory>
#include <optional>
#include <print>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/scratch_folder.h"
#include "store/tiered_store.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_cluster.h"
#include "tier/valkey/valkey_server.h"
#include "tier/valkey/valkey_tier.h"

namespace fovea {
namespace {

using namespace std::chrono_literals;

constexpr RecordKind kind = RecordKind::prefix;
constexpr std::uint64_t kibi = 1 << 10, mebi = 1 << 20;

struct Size {
  int operations = 5000;
  int threads = 2;
  int keys = 1024;
  std::string_view server_bytes = "128mb";
  std::uint64_t memory_bytes = mebi;
  std::uint64_t disk_bytes = 384 * mebi;  // a value takes a 36th of it
  int one_large_in = 400;                 // insertions: 8 MiB
  int one_huge_in = 0;                    // insertions: 64 MiB, the most that the server takes; 0 = none
  // Of 10,000 operations. Each takes a fifth, or a thirty-fifth, of all there is.
  int tenant_purges = 10;
  int image_purges = 40;

  // As FOVEA_TIER_OPERATIONS says.
  static Size wanted() {
    const char* text = std::getenv("FOVEA_TIER_OPERATIONS");
    if (text == nullptr) return {};
    Size size{.threads = 4,
              .keys = 8192,
              .server_bytes = "512mb",
              .memory_bytes = 8 * mebi,
              .disk_bytes = 2560 * mebi,
              .one_large_in = 2000,
              .one_huge_in = 40'000,
              .tenant_purges = 1,
              .image_purges = 10};
    std::from_chars(text, text + std::strlen(text), size.operations);
    return size;
  }
  bool is_long() const { return one_huge_in > 0; }
};

constexpr int tenants = 5, images = 7;
int tenant_of(int number) { return number % tenants; }
int image_of(int number) { return number / tenants % images; }

Key key(int number) { return KeyBuilder("entry").field(number).finish(); }
Key tenant(int number) { return KeyBuilder("tenant").field(number).finish(); }
Key image(int number) { return KeyBuilder("image").field(number).finish(); }
const Key scope = KeyBuilder("scope").finish();

// The bytes of one version of one key's value, eight at a time (SplitMix64).
class Bytes {
 public:
  Bytes(int number, int version) : state_(static_cast<std::uint64_t>(number) << 32 | static_cast<unsigned>(version)) {}

  std::uint64_t next() {
    std::uint64_t mixed = state_ += 0x9E3779B97F4A7C15U;
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBU;
    return mixed ^ mixed >> 31;
  }
  // Calls `use(offset, eight bytes, how many of them)` for each part of `size` bytes.
  template <typename Use>
  void each(std::size_t size, const Use& use) {
    for (std::size_t at = 0; at < size; at += sizeof(std::uint64_t)) {
      const std::uint64_t eight = next();
      use(at, &eight, std::min(sizeof eight, size - at));
    }
  }

 private:
  std::uint64_t state_;
};

Blob record_of(int number, int version, std::size_t size) {
  const RecordHeader header{.kind = kind,
                            .scope = scope,
                            .cost_ms = 60'000,  // no hiccup of a machine makes any tier slower than that
                            .shape = {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(version), 0, 0}};
  return encode_record(header, size, [&](std::span<std::byte> payload) {
    Bytes(number, version).each(size, [&](std::size_t at, const std::uint64_t* bytes, std::size_t count) {
      std::memcpy(payload.data() + at, bytes, count);
    });
  });
}

// The version that `record` is of the value of `number`, whole.
std::optional<int> version_of(int number, const Record& record) {
  if (record.header.shape[0] != static_cast<std::uint32_t>(number) || record.header.scope != scope) return std::nullopt;
  const int version = static_cast<int>(record.header.shape[1]);
  const auto payload = record.payload.bytes();
  bool same = true;
  Bytes(number, version).each(payload.size(), [&](std::size_t at, const std::uint64_t* bytes, std::size_t count) {
    same &= std::memcmp(payload.data() + at, bytes, count) == 0;
  });
  return same ? std::optional(version) : std::nullopt;
}

// The servers that share: one that loses all it has at a restart, or a Cluster.
class Servers {
 public:
  virtual ~Servers() = default;
  virtual std::string address() const = 0;
  virtual void empty() {}
  // What happens to them while they are used, in each round.
  virtual void suffer(int /*round*/) {}
  virtual bool suffers() const { return false; }
};

class OneServer final : public Servers {
 public:
  explicit OneServer(const Size& size)
      : server_({"--maxmemory", std::string(size.server_bytes), "--maxmemory-policy", "allkeys-lfu"}) {}
  std::string address() const override { return server_.address(); }
  void empty() override {
    server_.kill();
    server_.start();
  }

 private:
  test::ValkeyServer server_;
};

class Cluster final : public Servers {
 public:
  std::string address() const override { return cluster_.address(); }
  bool suffers() const override { return true; }
  void suffer(int round) override {
    const bool moved = round != 1 || cluster_.reshard(0, 1, 1000);
    EXPECT_TRUE(moved) << "valkey-cli could not reshard";
    if (round == 2) cluster_.node(2).kill();
    if (round == 3) cluster_.node(1).stop();
    if (round >= 2) {
      const std::size_t gone = round == 2 ? 2 : 1;
      EXPECT_TRUE(test::eventually([&] { return is_primary(gone + test::ValkeyCluster::primaries); }, 30s));
    }
    if (round == 3) {  // it takes itself for a primary yet
      cluster_.node(1).resume();
      EXPECT_TRUE(test::eventually([&] { return !is_primary(1); }, 30s));
    }
    EXPECT_TRUE(test::eventually([&] { return info().contains("cluster_state:ok"); }, 30s));
  }

 private:
  bool is_primary(std::size_t node) { return cluster_.node(node).ask({"INFO", "replication"}).contains("role:master"); }
  std::string info() { return cluster_.node(0).ask({"CLUSTER", "INFO"}); }

  test::ValkeyCluster cluster_{true};
};

// The store of one process after the other, over the same disk and the same servers.
class Processes {
 public:
  Processes(const Size& size, Servers& servers) : size_(size), servers_(servers) { start(); }
  ~Processes() { end(true); }

  Store& store() { return *store_; }

  enum class How : std::uint8_t { orderly, at_once, with_an_empty_disk, with_an_empty_server };
  void restart(How how) {
    end(how != How::at_once);
    if (how == How::with_an_empty_disk) std::filesystem::remove_all(disk());
    if (how == How::with_an_empty_server) servers_.empty();
    start();
  }

 private:
  std::filesystem::path disk() const { return folder_.path() / "disk"; }

  void start() {
    add(RocksdbTier::open({.folder = disk(), .bytes_max = size_.disk_bytes}), disk_transfer);
    add(ValkeyTier::open({.address = servers_.address(), .fleet_keys = {SealKey{std::byte{7}}}}),
        {.wait_ms = 0.5, .bytes_per_ms = 100'000});
    store_.emplace(kind, std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = size_.memory_bytes}), tiers_);
  }
  void add(auto tier, TransferTime::Guess transfer) {
    if (!tier) throw std::runtime_error(tier.error().message);
    tiers_.push_back(std::make_unique<TierLane>(std::move(*tier), TierLaneOptions{.transfer = transfer}));
  }
  // Once all is written, and removed too where that was refused for a while.
  static bool finished(TierLane& tier) {
    return test::eventually(
        [&] { return tier.flush(std::chrono::steady_clock::now() + 1min) && tier.stats().removals_pending == 0; },
        2min);
  }
  void end(bool flush) {
    for (const auto& tier : tiers_) {
      EXPECT_TRUE(!flush || finished(*tier));
      const TierStats stats = tier->stats();
      EXPECT_TRUE(servers_.suffers() || stats.times_opened == 0) << "a tier that works is not left alone";
      for (const RecordFault fault : {RecordFault::wrong_checksum, RecordFault::wrong_key, RecordFault::wrong_kind})
        EXPECT_EQ(stats.doubtful[static_cast<std::size_t>(fault)], 0u) << to_string(fault);
    }
    store_.reset();
    tiers_.clear();
  }

  const Size size_;
  Servers& servers_;
  const ScratchFolder folder_ = ScratchFolder::make("fovea-test").value();
  Tiers tiers_;
  std::optional<TieredStore> store_;
};

class Crowd {
 public:
  Crowd(const Size& size, unsigned seed, Servers& servers)
      : size_(size),
        seed_(seed),
        servers_(servers),
        processes_(size, servers),
        inserted_(static_cast<std::size_t>(size.keys)),
        removed_(inserted_.size()) {}

  // In rounds, with a restart behind each. Those of servers that suffer are orderly, since where a removal
  // did not reach them the process that was told of it has to try again; and with an empty disk, so that they
  // are asked.
  void run() {
    const int rounds = std::max(4, size_.operations / 50'000);
    for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
      std::atomic<bool> suffering = servers_.suffers();
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < size_.threads; ++thread) {
        threads.emplace_back([&, thread, round] {
          std::mt19937 random(seed_ + static_cast<unsigned>(thread + round * size_.threads));
          for (int left = size_.operations / rounds / size_.threads; left > 0 || suffering; --left) {
            if (testing::Test::HasFailure()) return;
            use(thread, random);
          }
        });
      }
      servers_.suffer(round);
      suffering = false;
      threads.clear();
      processes_.restart(servers_.suffers() ? Processes::How::with_an_empty_disk
                                            : static_cast<Processes::How>(round % 4));
    }
  }

  void remove_all_and_find_nothing() {
    for (int of = 0; of < tenants; ++of) processes_.store().purge(tenant(of));
    processes_.restart(Processes::How::at_once);
    for (int number = 0; number < size_.keys; ++number)
      ASSERT_FALSE(processes_.store().find(key(number), scope)) << number << ", seed " << seed_;
  }

  int hits(TierKind in) const { return hits_[static_cast<std::size_t>(in)]; }

 private:
  void use(int thread, std::mt19937& random) {
    const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
    // Some keys are asked for more often than others.
    const int number = below(2) == 0 ? below(size_.keys / 8) : below(size_.keys);
    const int what = below(10'000);
    if (what < size_.tenant_purges)
      remove(Removes::tenant, number);
    else if (what < size_.tenant_purges + size_.image_purges)
      remove(Removes::image, number);
    else if (what < 300)
      remove(Removes::key, number);
    else if (what < 3300)
      insert(number - number % size_.threads + thread, random);
    else if (what < 5000)
      find_many(number);
    else if (what < 6000)
      find_longest(number);
    else
      find(number);
  }

  void insert(int number, std::mt19937& random) {
    const auto one_in = [&](int many) { return many > 0 && random() % static_cast<unsigned>(many) == 0; };
    std::size_t bytes = static_cast<std::size_t>(std::exp2(std::uniform_real_distribution(0.0, 16.0)(random)));
    if (one_in(size_.one_large_in)) bytes = 8 * mebi;
    if (one_in(size_.one_huge_in)) bytes = 64 * mebi - kibi;
    const Key images_of[] = {image(image_of(number))};
    const int version = inserted_[number] + 1;
    processes_.store().insert(key(number), record_of(number, version, bytes), {tenant(tenant_of(number)), images_of});
    inserted_[number] = version;
  }

  enum class Removes : std::uint8_t { key, image, tenant };
  // By key, image or tenant, what has to do with `number`.
  void remove(Removes what, int number) {
    std::vector<std::pair<int, int>> gone;
    for (int other = 0; other < size_.keys; ++other) {
      const bool same_tenant = tenant_of(other) == tenant_of(number);
      const bool same_image = same_tenant && image_of(other) == image_of(number);
      if (what == Removes::tenant ? same_tenant : what == Removes::image ? same_image : other == number)
        gone.emplace_back(other, inserted_[other]);
    }
    Store& store = processes_.store();
    if (what == Removes::tenant)
      store.purge(tenant(tenant_of(number)));
    else if (what == Removes::image)
      store.purge(tenant(tenant_of(number)), image(image_of(number)));
    else
      store.erase(std::array{key(number)});
    for (const auto& [other, version] : gone) {
      std::atomic<int>& last = removed_[other];
      for (int seen = last; seen < version && !last.compare_exchange_weak(seen, version);) {
      }
    }
  }

  void find(int number) {
    const int floor = removed_[number];
    expect_known(number, processes_.store().find(key(number), scope), floor);
  }

  void find_many(int first) {
    first -= first % 4;
    const std::array asked{key(first), key(first + 1), key(first + 2), key(first + 3)};
    const std::array<int, 4> floors{removed_[first], removed_[first + 1], removed_[first + 2], removed_[first + 3]};
    const auto found = processes_.store().find_many(asked, scope);
    for (int i = 0; i < 4; ++i) expect_known(first + i, found[i], floors[i]);
  }

  void find_longest(int first) {
    first -= first % 8;
    std::vector<Key> asked;
    std::vector<int> floors;
    for (int i = 0; i < 8; ++i) {
      asked.push_back(key(first + i));
      floors.push_back(removed_[first + i]);
    }
    if (const auto longest = processes_.store().find_longest(asked, 7, scope))
      expect_known(first + static_cast<int>(longest->index), longest->record, floors[longest->index]);
  }

  // Versions up to `removed` were removed before it was asked for.
  void expect_known(int number, const std::optional<Record>& found, int removed) {
    if (!found) return;
    const auto version = version_of(number, *found);
    const auto where = [&] { return std::format("{} in {}, seed {}", number, to_string(found->found_in), seed_); };
    ASSERT_TRUE(version) << "bytes that nobody inserted under " << where();
    ASSERT_LE(*version, inserted_[number] + 1) << "a version that is not there yet: " << where();
    ASSERT_GT(*version, removed) << "what was removed: " << where();
    ++hits_[static_cast<std::size_t>(found->found_in)];
  }

  const Size size_;
  const unsigned seed_;
  Servers& servers_;
  Processes processes_;
  std::vector<std::atomic<int>> inserted_;  // by key: the last version whose insertion is over
  std::vector<std::atomic<int>> removed_;   // by key: the last version that a removal that is over has removed
  std::array<std::atomic<int>, 3> hits_{};  // by TierKind
};

void expect_nothing_wrong(const Size& size, Servers& servers) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(std::format("seed {}", seed));
  const Stopwatch watch;
  Crowd crowd(size, seed, servers);
  crowd.run();
  crowd.remove_all_and_find_nothing();
  // A test that finds nothing shows nothing.
  EXPECT_GT(crowd.hits(TierKind::memory), 50);
  EXPECT_GT(crowd.hits(TierKind::disk), 50);
  EXPECT_GT(crowd.hits(TierKind::shared), 10);
  if (!size.is_long()) return;
  std::println("{} operations in {:.0f} s, seed {}: {} hits in memory, {} on the disk, {} on the server",
               size.operations, watch.elapsed_ms() / 1000, seed, crowd.hits(TierKind::memory),
               crowd.hits(TierKind::disk), crowd.hits(TierKind::shared));
}

TEST(RealTiers, GiveOutWhatWasInsertedAndNotRemovedOrNothing) {
  const Size size = Size::wanted();
  OneServer server(size);
  expect_nothing_wrong(size, server);
}

TEST(RealTiers, AClusterThatSuffersGivesOutNothingElse) {
  const Size size = Size::wanted();
  if (!size.is_long()) GTEST_SKIP() << "a part of the long run: set FOVEA_TIER_OPERATIONS";
  Cluster cluster;
  expect_nothing_wrong(size, cluster);
}

}  // namespace
}  // namespace fovea
