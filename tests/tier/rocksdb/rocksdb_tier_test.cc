// The disk beyond what every tier does: its bound, its age, damage to its files, other processes, and a kill.
// Whatever happens to the files, a find gives out what was inserted, or nothing.
#include "tier/rocksdb/rocksdb_tier.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>
#include <random>

#include "base/scratch_folder.h"
#include "tier/entries.h"
#include "tier/rocksdb/database.h"

extern char** environ;

namespace fovea {
namespace {

namespace fs = std::filesystem;
using test::entry_of;
using test::key_of;
using enum RecordKind;

constexpr std::uint64_t mebi = 1 << 20;

class RocksdbTierTest : public testing::Test {
 protected:
  void open(std::uint64_t bytes_max = 256 * mebi) {
    tier.reset();
    auto opened = RocksdbTier::open({.folder = folder->path(), .bytes_max = bytes_max});
    ASSERT_TRUE(opened) << opened.error().message;
    tier = std::move(*opened);
  }

  void insert_many(int count, std::size_t bytes = 20'000) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(tier->insert(embedding, entry_of(std::to_string(i), static_cast<std::uint64_t>(i), bytes)));
    }
  }

  std::optional<TierHit> find(std::string_view name, RecordKind kind = embedding) {
    const Key key = key_of(name);
    auto found = tier->find_many(kind, std::span(&key, 1), {});
    return found ? std::move(found->front()) : std::nullopt;
  }

  // How many of the first `count` are found. Each that is must be what was inserted.
  int found_of(int count, std::size_t bytes = 20'000) {
    int found = 0;
    for (int i = 0; i < count; ++i) {
      const auto hit = find(std::to_string(i));
      if (!hit) continue;
      ++found;
      const Blob record = test::record_of(embedding, static_cast<std::uint64_t>(i), bytes);
      EXPECT_TRUE(std::ranges::equal(hit->entry.record.bytes(), record.bytes())) << i;
    }
    return found;
  }

  std::uint64_t doubtful() const {
    const auto counts = tier->doubtful();
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }

  std::vector<fs::path> files(std::string_view extension) const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder->path())) {
      if (entry.is_regular_file() && entry.path().extension() == extension) found.push_back(entry.path());
    }
    std::ranges::sort(found);
    return found;
  }

  // Writes all values into files, so that there is something to damage.
  void write_files() {
    const fs::path path = folder->path() / "v1";
    tier.reset();
    auto database = Database::open(path, DiskShares::of(256 * mebi));
    ASSERT_TRUE(database);
    ASSERT_TRUE((*database)->db().Flush({}, (*database)->values()).ok());
  }

  Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
  std::unique_ptr<RocksdbTier> tier;
};

std::uint64_t bytes_in(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;  // files go meanwhile
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored))
    if (entry.is_regular_file(ignored)) bytes += entry.file_size(ignored);
  return bytes;
}

void flip_bits(const fs::path& file, std::uint64_t seed, int bits) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = fs::file_size(file);
  std::mt19937_64 random(seed);
  for (int i = 0; i < bits && size > 0; ++i) {
    const auto place = static_cast<std::streamoff>(random() % size);
    stream.seekg(place);
    const char flipped = static_cast<char>(stream.get() ^ (1 << random() % 8));
    stream.seekp(place);
    stream.put(flipped);
  }
}

TEST_F(RocksdbTierTest, WhoOnlyLooksMakesNothingWritesNothingAndHoldsNothing) {
  const RocksdbOptions look{.folder = folder->path(), .bytes_max = 256 * mebi, .read_only = true};
  const auto none = RocksdbTier::open(look);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::not_found);
  EXPECT_TRUE(fs::is_empty(folder->path()));
  open();
  insert_many(3);
  tier.reset();
  auto looking = RocksdbTier::open(look);
  ASSERT_TRUE(looking) << looking.error().message;
  open();  // as its writer
  EXPECT_FALSE(tier->read_only());
  tier = std::move(*looking);
  EXPECT_TRUE(tier->read_only());
  EXPECT_EQ(found_of(3), 3);
  EXPECT_FALSE(tier->insert(embedding, entry_of("more")));
}

TEST_F(RocksdbTierTest, RefusesTooFewBytesAndSaysHowManyItTakes) {
  const auto opened = RocksdbTier::open({.folder = folder->path(), .bytes_max = mebi});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().fault, Fault::invalid);
  EXPECT_TRUE(opened.error().message.contains("64")) << opened.error().message;
}

TEST_F(RocksdbTierTest, AFolderThatCannotBeMadeIsASentence) {
  const fs::path file = folder->path() / "file";
  std::ofstream(file) << "not a folder";
  for (const fs::path& path : {file, file / "below", fs::path("/proc/fovea")}) {
    const auto opened = RocksdbTier::open({.folder = path, .bytes_max = 64 * mebi});
    ASSERT_FALSE(opened) << path;
    EXPECT_EQ(opened.error().fault, Fault::unavailable);
    EXPECT_TRUE(opened.error().message.contains(path.string())) << opened.error().message;
  }
}

TEST_F(RocksdbTierTest, NeverTakesMoreThanItsBytes) {
  constexpr std::uint64_t bytes_max = 64 * mebi;
  for (const std::size_t bytes : {150'000UL, 1'000UL}) {
    open(bytes_max);
    const int values = static_cast<int>(3 * bytes_max / (bytes + 400) / (bytes < 10'000 ? 2 : 1));
    for (int i = 0; i < values; ++i) {
      ASSERT_TRUE(tier->insert(embedding, entry_of(std::to_string(i), static_cast<std::uint64_t>(i), bytes)));
      if (i % (values / 20) == 0) {
        EXPECT_LE(bytes_in(folder->path()), bytes_max + bytes_max / 100) << i;
      }
    }
    EXPECT_LE(bytes_in(folder->path()), bytes_max + bytes_max / 100);
    const TierContent content = tier->content(embedding);
    EXPECT_LE(content.bytes, content.bytes_max);
    EXPECT_EQ(static_cast<std::uint64_t>(found_of(values, bytes)), content.entries) << "what is said to be there is";
    tier.reset();
    fs::remove_all(folder->path() / "v1");
  }
}

// What saves most for its bytes stays, however much passes by.
TEST_F(RocksdbTierTest, WhatIsWorthMostStays) {
  open(64 * mebi);
  const auto worth = [](const std::string& name, double cost_ms) {
    TierEntry entry = entry_of(name);
    entry.record =
        encode_record({.kind = embedding, .scope = test::test_scope(), .cost_ms = cost_ms, .made_unix_ms = 1},
                      test::payload_of(1, 100'000));
    return entry;
  };
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(tier->insert(embedding, worth("dear " + std::to_string(i), 10'000)));
  for (int i = 0; i < 3000; ++i) ASSERT_TRUE(tier->insert(embedding, worth("cheap " + std::to_string(i), 10)));
  const DiskShares shares = DiskShares::of(64 * mebi);
  for (const fs::path& file : files(".sst"))
    EXPECT_LE(fs::file_size(file), shares.files_bytes_max - shares.rescue_bytes) << "it goes before it is rescued";
  int dear = 0;
  for (int i = 0; i < 50; ++i) dear += find("dear " + std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(dear, 50);
  open(64 * mebi);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(find("dear " + std::to_string(i))) << "and after a restart";
}

// A policy that begins as a stranger would let them go first: they came first.
TEST_F(RocksdbTierTest, WhatIsAskedForAgainAndAgainStaysAfterARestart) {
  constexpr std::size_t bytes = 100'000;
  int next = 0;
  const auto insert = [&](int count) {
    for (const int end = next + count; next < end; ++next)
      ASSERT_TRUE(tier->insert(embedding, entry_of(std::to_string(next), static_cast<std::uint64_t>(next), bytes)));
  };
  open(64 * mebi);
  insert(300);
  for (int round = 0; round < 20; ++round) {
    insert(20);
    EXPECT_GE(found_of(100, bytes), 95);
  }
  open(64 * mebi);
  insert(60);
  EXPECT_GE(found_of(100, bytes), 95);
}

TEST_F(RocksdbTierTest, AValueLargerThanItTakesIsRefusedAlone) {
  open(64 * mebi);
  const auto inserted = tier->insert(response, entry_of("a", 1, 8 * mebi, response));
  ASSERT_FALSE(inserted);
  EXPECT_EQ(inserted.error().fault, Fault::too_large);
  EXPECT_FALSE(find("a", response));
}

TEST_F(RocksdbTierTest, AnotherProcessReadsBesideTheOneThatWrites) {
  open();
  insert_many(20);
  auto other = RocksdbTier::open({.folder = folder->path(), .bytes_max = 256 * mebi});
  ASSERT_TRUE(other) << other.error().message;
  EXPECT_TRUE((*other)->read_only());
  EXPECT_FALSE(tier->read_only());
  const Key key = key_of("7");
  const auto found = (*other)->find_many(embedding, std::span(&key, 1), {});
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->front());
  for (const auto& refused : {(*other)->insert(embedding, entry_of("x")), (*other)->erase(embedding, {}),
                              (*other)->purge(key), (*other)->purge(key, key)}) {
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().fault, Fault::unsupported);
  }
  EXPECT_TRUE(tier->insert(embedding, entry_of("y"))) << "and does not disturb it";
}

TEST_F(RocksdbTierTest, RemembersHowFarOthersPurgesWereFollowed) {
  open();
  EXPECT_EQ(tier->purges_followed(), "");
  ASSERT_TRUE(tier->note_purges_followed("1700000000000-3"));
  open();
  EXPECT_EQ(tier->purges_followed(), "1700000000000-3");
  const auto reader = RocksdbTier::open({.folder = folder->path(), .bytes_max = 256 * mebi}).value();
  EXPECT_EQ(reader->purges_followed(), "1700000000000-3");
  EXPECT_EQ(reader->note_purges_followed("1700000000001-0").error().fault, Fault::unsupported);
}

TEST_F(RocksdbTierTest, TheFolderOfAnotherFormatIsLeftAlone) {
  fs::create_directories(folder->path() / "v2");
  std::ofstream(folder->path() / "v2" / "CURRENT") << "of the future";
  open();
  insert_many(3);
  open();
  EXPECT_EQ(found_of(3), 3);
  EXPECT_TRUE(fs::exists(folder->path() / "v2" / "CURRENT"));
}

TEST_F(RocksdbTierTest, AnEntryUnderAnotherKeyIsCountedAndRemoved) {
  open();
  insert_many(2);
  tier.reset();
  {
    auto database = Database::open(folder->path() / "v1", DiskShares::of(256 * mebi));
    ASSERT_TRUE(database);
    const auto name = [](RecordKind kind, const Key& key) {
      return std::string(1, static_cast<char>(kind))
          .append(reinterpret_cast<const char*>(key.bytes.data()), key.bytes.size());
    };
    std::string value, facts;
    rocksdb::DB& db = (*database)->db();
    ASSERT_TRUE(db.Get({}, (*database)->values(), name(embedding, key_of("0")), &value).ok());
    ASSERT_TRUE(db.Get({}, (*database)->index(), name(embedding, key_of("1")), &facts).ok());
    ASSERT_TRUE(db.Put({}, (*database)->values(), name(embedding, key_of("1")), value).ok());
    ASSERT_TRUE(db.Put({}, (*database)->values(), name(embedding, key_of("short")), "1234567").ok());
    ASSERT_TRUE(db.Put({}, (*database)->values(), name(prefix, key_of("0")), value).ok());
    // Each of the values has a place of its own in the log.
    facts[0] = static_cast<char>(facts[0] + 1);
    ASSERT_TRUE(db.Put({}, (*database)->index(), name(embedding, key_of("short")), facts).ok());
    facts[0] = static_cast<char>(facts[0] + 1);
    ASSERT_TRUE(db.Put({}, (*database)->index(), name(prefix, key_of("0")), facts).ok());
    ASSERT_TRUE(db.Put({}, (*database)->index(), "no name", facts).ok());
    ASSERT_TRUE(db.Put({}, (*database)->index(), name(embedding, key_of("no facts")), "x").ok());
  }
  open();
  EXPECT_TRUE(find("0"));
  EXPECT_FALSE(find("1"));
  EXPECT_FALSE(find("short"));
  EXPECT_FALSE(find("0", prefix));
  const auto counts = tier->doubtful();
  EXPECT_EQ(counts[static_cast<std::size_t>(RecordFault::wrong_key)], 1u);
  EXPECT_EQ(counts[static_cast<std::size_t>(RecordFault::too_short)], 1u);
  EXPECT_EQ(counts[static_cast<std::size_t>(RecordFault::wrong_kind)], 1u);
  EXPECT_FALSE(find("1"));
  EXPECT_EQ(doubtful(), 3u) << "a removed entry is a miss, and is counted once";
}

TEST_F(RocksdbTierTest, FlippedBitsAreNeverGivenOut) {
  open();
  insert_many(100);
  write_files();
  for (const fs::path& file : files(".sst")) flip_bits(file, 1, 40);
  open();
  const int found = found_of(100);
  EXPECT_LT(found, 100);
  EXPECT_FALSE(HasFailure());
  ASSERT_TRUE(tier->insert(embedding, entry_of("0", 0, 20'000))) << "and it goes on";
  EXPECT_TRUE(find("0"));
}

// Each of RocksDB's files cut, emptied, removed, or replaced by other bytes.
TEST_F(RocksdbTierTest, DamagedFilesCostTheirValuesAlone) {
  const std::function<void(const fs::path&)> damages[] = {
      [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); },
      [](const fs::path& file) { fs::resize_file(file, 0); },
      [](const fs::path& file) { fs::remove(file); },
      [](const fs::path& file) { std::ofstream(file, std::ios::trunc) << "something else\n"; },
      [](const fs::path& file) { flip_bits(file, 7, 200); },
  };
  const auto is_manifest = [](const fs::path& file) { return file.filename().string().starts_with("MANIFEST"); };
  const std::function<bool(const fs::path&)> victims[] = {
      [](const fs::path& file) { return file.extension() == ".sst"; },
      [](const fs::path& file) { return file.extension() == ".log"; },
      [](const fs::path& file) { return file.filename() == "CURRENT"; },
      [](const fs::path& file) { return file.filename() == "IDENTITY"; },
      [](const fs::path& file) { return file.filename().string().starts_with("OPTIONS"); },
      is_manifest,
  };
  int kind = 0;
  for (const auto& is_victim : victims) {
    int how = 0;
    for (const auto& damage : damages) {
      SCOPED_TRACE(std::to_string(kind) + " damaged in way " + std::to_string(how++));
      tier.reset();
      fs::remove_all(folder->path() / "v1");
      open();
      insert_many(10);
      TierEntry purged = entry_of("purged");
      purged.images = {key_of("purged image")};
      ASSERT_TRUE(tier->insert(embedding, purged));
      write_files();
      open();
      ASSERT_TRUE(tier->purge(key_of("tenant"), key_of("purged image")));
      for (int i = 10; i < 20; ++i)
        ASSERT_TRUE(tier->insert(embedding, entry_of(std::to_string(i), static_cast<std::uint64_t>(i), 20'000)));
      tier.reset();
      for (const auto& entry : fs::directory_iterator(folder->path() / "v1"))
        if (is_victim(entry.path())) damage(entry.path());
      open();
      ASSERT_TRUE(tier);
      found_of(20);
      EXPECT_FALSE(find("purged")) << "whatever is lost, a purge is not undone";
      EXPECT_TRUE(tier->insert(embedding, entry_of("new")));
      EXPECT_TRUE(find("new"));
    }
    ++kind;
  }
}

TEST_F(RocksdbTierTest, AFolderThatGoesWhileItRunsIsAFaultAndNoCrash) {
  open();
  insert_many(50);
  fs::remove_all(folder->path());
  found_of(50);
  for (int i = 0; i < 200; ++i) {
    const auto ignored = tier->insert(embedding, entry_of(std::to_string(i), static_cast<std::uint64_t>(i), 200'000));
    (void)ignored;
  }
  for (int i = 0; i < 200; ++i) {
    const auto hit = find(std::to_string(i));
    EXPECT_TRUE(!hit || hit->record.payload.size() == 200'000 || hit->record.payload.size() == 20'000);
  }
}

TEST_F(RocksdbTierTest, ADeadlineThatHasPassedIsTimedOut) {
  open();
  insert_many(5);
  write_files();
  open();
  const Key key = key_of("3");
  const auto late = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const auto found = tier->find_many(embedding, std::span(&key, 1), {.stop = {}, .deadline = late});
  EXPECT_TRUE(found || found.error().fault == Fault::timed_out);
}

// The program that is killed: this test program, told by its environment to write until then.
TEST_F(RocksdbTierTest, WhatWasAcknowledgedBeforeAKillIsThere) {
  if (const char* path = std::getenv("FOVEA_TEST_WRITE_UNTIL_KILLED")) {
    auto writer = RocksdbTier::open({.folder = path, .bytes_max = 256 * mebi});
    if (!writer) _exit(1);
    for (std::uint64_t i = 0;; ++i) {
      if (!(*writer)->insert(embedding, entry_of(std::to_string(i), i, 20'000))) _exit(2);
      const auto ignored = write(STDOUT_FILENO, &i, sizeof i);
      (void)ignored;
    }
  }
  std::mt19937_64 random(std::random_device{}());
  for (int round = 0; round < 5; ++round) {
    int channel[2];
    ASSERT_EQ(pipe2(channel, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, channel[1], STDOUT_FILENO);
    std::string program = "rocksdb_tier_test", filter = "--gtest_filter=RocksdbTierTest.WhatWasAcknowledged*";
    char* arguments[] = {program.data(), filter.data(), nullptr};
    setenv("FOVEA_TEST_WRITE_UNTIL_KILLED", folder->path().c_str(), 1);
    pid_t writer = 0;
    ASSERT_EQ(posix_spawn(&writer, "/proc/self/exe", &actions, nullptr, arguments, environ), 0);
    unsetenv("FOVEA_TEST_WRITE_UNTIL_KILLED");
    posix_spawn_file_actions_destroy(&actions);
    close(channel[1]);
    // gtest prints a few lines first; what counts is how many bytes came.
    const std::size_t enough = 4000 + random() % 4000;
    std::vector<char> told;
    char buffer[4096];
    ssize_t got = 0;
    while (told.size() < enough && (got = read(channel[0], buffer, sizeof buffer)) > 0)
      told.insert(told.end(), buffer, buffer + got);
    kill(writer, SIGKILL);
    while ((got = read(channel[0], buffer, sizeof buffer)) > 0) told.insert(told.end(), buffer, buffer + got);
    close(channel[0]);
    int status = 0;
    waitpid(writer, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << status;
    ASSERT_GT(told.size(), sizeof(std::uint64_t));
    std::uint64_t last = 0;
    std::memcpy(&last, told.data() + told.size() - sizeof last, sizeof last);
    ASSERT_LT(last, 1'000'000u);
    open();
    EXPECT_EQ(found_of(static_cast<int>(last) + 1), static_cast<int>(last) + 1);
    tier.reset();
    fs::remove_all(folder->path() / "v1");
  }
}

}  // namespace
}  // namespace fovea
