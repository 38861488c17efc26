// The disk where the machine does what it should not: no room left, a clock that goes backwards, a reader
// that meets damage beside the one that writes, and removals while values are appended again.
//
// This program has a clock of its own in place of the system's (clock_gettime, gettimeofday and time below),
// so that a test can set it, for RocksDB too.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <format>
#include <fstream>
#include <random>
#include <set>
#include <thread>
#include <vector>

#include "base/scratch_folder.h"
#include "store/purge_label.h"
#include "tier/entries.h"
#include "tier/rocksdb/database.h"
#include "tier/rocksdb/rocksdb_tier.h"
#include "tier/valkey/valkey_server.h"

namespace {
std::atomic<std::time_t> clock_ahead_s = 0;  // of the system's
}

extern "C" {

int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const long failed = syscall(SYS_clock_gettime, clock, now);
  if (failed == 0 && clock == CLOCK_REALTIME) now->tv_sec += clock_ahead_s;
  return static_cast<int>(failed);
}

int gettimeofday(timeval* now, void*) noexcept {
  timespec exact{};
  const int failed = clock_gettime(CLOCK_REALTIME, &exact);
  *now = {.tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000};
  return failed;
}

std::time_t time(std::time_t* into) noexcept {
  timespec exact{};
  clock_gettime(CLOCK_REALTIME, &exact);
  if (into != nullptr) *into = exact.tv_sec;
  return exact.tv_sec;
}

}  // extern "C"

namespace fovea {
namespace {

namespace fs = std::filesystem;
using test::entry_of;
using test::key_of;
using enum RecordKind;

constexpr std::uint64_t mebi = 1 << 20;

TierEntry numbered(int number, std::size_t bytes, std::string_view prefix = "") {
  return entry_of(std::string(prefix) + std::to_string(number), static_cast<std::uint64_t>(number), bytes);
}

class DiskFaultsTest : public testing::Test {
 protected:
  std::unique_ptr<RocksdbTier> open(std::uint64_t bytes_max = 256 * mebi) const {
    auto opened = RocksdbTier::open({.folder = folder->path(), .bytes_max = bytes_max});
    if (opened) return std::move(*opened);
    ADD_FAILURE() << opened.error().message;
    return nullptr;
  }

  static std::optional<TierHit> find(RocksdbTier& tier, std::string_view name) {
    const Key key = key_of(name);
    auto found = tier.find_many(embedding, std::span(&key, 1), {});
    return found ? std::move(found->front()) : std::nullopt;
  }

  // How many of the numbers below `end` are found. Each that is must be what was inserted.
  static int found_below(RocksdbTier& tier, int end, std::size_t bytes) {
    int found = 0;
    for (int number = 0; number < end; ++number) {
      const auto hit = find(tier, std::to_string(number));
      if (!hit) continue;
      ++found;
      EXPECT_TRUE(std::ranges::equal(hit->entry.record.bytes(), numbered(number, bytes).record.bytes())) << number;
    }
    return found;
  }

  const Result<ScratchFolder> folder = ScratchFolder::make("fovea-test");
};

// A file system of so many bytes at a folder, until it is destroyed.
class SmallDisk {
 public:
  SmallDisk(fs::path folder, std::uint64_t bytes)
      : folder_(std::move(folder)),
        mounted_(mount("fovea-test", folder_.c_str(), "tmpfs", 0, std::format("size={}", bytes).c_str()) == 0) {}
  ~SmallDisk() {
    if (mounted_) umount2(folder_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }

 private:
  const fs::path folder_;
  const bool mounted_;
};

TEST_F(DiskFaultsTest, AFullDiskIsReadAndWrittenAgainWhenThereIsRoom) {
  const SmallDisk disk(folder->path(), 32 * mebi);
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here: " << std::strerror(errno);
  constexpr std::size_t bytes = 200'000;
  const fs::path others = folder->path() / "of others";
  std::ofstream(others) << std::string(16 * mebi, '.');
  auto tier = open();
  ASSERT_TRUE(tier);
  int written = 0;
  Result<void> inserted;
  while (written < 300 && (inserted = tier->insert(embedding, numbered(written, bytes)))) ++written;
  ASSERT_FALSE(inserted) << "200 KB do not go 300 times into 16 MiB";
  EXPECT_EQ(inserted.error().fault, Fault::unavailable);
  EXPECT_FALSE(inserted.error().message.empty());
  EXPECT_GT(written, 10);
  EXPECT_EQ(found_below(*tier, written, bytes), written) << "what was acknowledged is there";
  EXPECT_FALSE(find(*tier, std::to_string(written))) << "and what was not, is not";
  for (int more = 0; more < 20; ++more) EXPECT_FALSE(tier->insert(embedding, numbered(1000 + more, bytes)));

  fs::remove(others);
  EXPECT_TRUE(test::eventually([&] { return tier->insert(embedding, numbered(2000, bytes)).has_value(); },
                               std::chrono::minutes(1)));  // RocksDB looks again every five seconds
  ASSERT_TRUE(tier->purge(key_of("other tenant")));
  EXPECT_TRUE(find(*tier, "2000"));
  EXPECT_EQ(found_below(*tier, written, bytes), written);
  tier.reset();
  tier = open();
  ASSERT_TRUE(tier);
  EXPECT_FALSE(tier->was_emptied());
  EXPECT_TRUE(find(*tier, "2000"));
  EXPECT_EQ(found_below(*tier, written, bytes), written);
}

TEST_F(DiskFaultsTest, OpeningOnAFullDiskIsASentenceOrWorks) {
  const SmallDisk disk(folder->path(), 8 * mebi);
  if (!disk.mounted()) GTEST_SKIP() << "no file system can be mounted here: " << std::strerror(errno);
  std::ofstream(folder->path() / "of others") << std::string(8 * mebi, '.');
  const auto tier = RocksdbTier::open({.folder = folder->path(), .bytes_max = 64 * mebi});
  ASSERT_FALSE(tier) << "there is no room for a file";
  EXPECT_EQ(tier.error().fault, Fault::unavailable);
  EXPECT_TRUE(tier.error().message.contains(folder->path().string())) << tier.error().message;
}

TEST_F(DiskFaultsTest, AClockThatIsSetCostsNothing) {
  constexpr std::time_t year_s = 366 * 86'400;
  struct Reset {
    ~Reset() { clock_ahead_s = 0; }
  } const reset;
  int written = 0;
  const auto insert_some = [&](RocksdbTier& tier) {
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(tier.insert(embedding, numbered(written++, 20'000)));
  };
  auto tier = open();
  ASSERT_TRUE(tier);
  const auto before = std::chrono::system_clock::now();
  for (const std::time_t ahead_s : {std::time_t{0}, -year_s, -20 * year_s, 5 * year_s, -year_s}) {
    clock_ahead_s = ahead_s;
    EXPECT_NEAR(std::chrono::duration<double>(std::chrono::system_clock::now() - before).count(),
                static_cast<double>(ahead_s), 600)
        << "the clock can be set here";
    insert_some(*tier);
    EXPECT_EQ(found_below(*tier, written, 20'000), written) << "set while it runs, by " << ahead_s;
    const Key key = key_of("0");
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    EXPECT_TRUE(tier->find_many(embedding, std::span(&key, 1), {.stop = {}, .deadline = soon}));
    tier.reset();
    tier = open();
    ASSERT_TRUE(tier);
    EXPECT_FALSE(tier->was_emptied());
    EXPECT_EQ(found_below(*tier, written, 20'000), written) << "after a restart at " << ahead_s;
  }
  ASSERT_TRUE(tier->purge(key_of("tenant")));
  clock_ahead_s = -30 * year_s;
  EXPECT_EQ(found_below(*tier, written, 20'000), 0) << "a purge does not go by the clock";
}

// The log turns several times while others erase: what is erased is neither found nor there after a restart.
TEST_F(DiskFaultsTest, WhatIsErasedWhileItIsAppendedAgainStaysErased) {
  constexpr int kept = 600, passing = 2000, erasers = 2;
  const auto worth = [](std::string name, double cost_ms) {
    TierEntry entry = entry_of(name);
    entry.record = encode_record({.kind = embedding, .scope = test::test_scope(), .cost_ms = cost_ms},
                                 test::payload_of(1, 40'000));
    return entry;
  };
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  auto tier = open(64 * mebi);
  ASSERT_TRUE(tier);
  for (int number = 0; number < kept; ++number)
    ASSERT_TRUE(tier->insert(embedding, worth(std::to_string(number), 10'000)));
  std::array<std::set<int>, erasers> erased;
  {
    std::vector<std::jthread> threads;
    for (int eraser = 0; eraser < erasers; ++eraser) {
      threads.emplace_back([&, eraser](const std::stop_token& stop) {
        std::mt19937 random(seed + static_cast<unsigned>(eraser));
        while (!stop.stop_requested() && erased[eraser].size() < kept / 3) {
          const int number = static_cast<int>(random() % (kept / erasers)) * erasers + eraser;
          const Key key = key_of(std::to_string(number));
          ASSERT_TRUE(tier->erase(embedding, std::span(&key, 1)));
          erased[eraser].insert(number);
          ASSERT_FALSE(find(*tier, std::to_string(number))) << number;
          std::this_thread::sleep_for(std::chrono::milliseconds(2));  // some of them in each turn of the log
        }
      });
    }
    for (int number = 0; number < passing; ++number)
      ASSERT_TRUE(tier->insert(embedding, worth("passing " + std::to_string(number), 10)));
  }
  const auto expect_erased = [&] {
    for (const auto& numbers : erased) {
      EXPECT_GT(numbers.size(), 10u);
      for (const int number : numbers) EXPECT_FALSE(find(*tier, std::to_string(number))) << number;
    }
    int left = 0;
    for (int number = 0; number < kept; ++number) left += find(*tier, std::to_string(number)) ? 1 : 0;
    EXPECT_EQ(static_cast<std::size_t>(left), kept - erased[0].size() - erased[1].size()) << "and nothing else";
  };
  expect_erased();
  tier.reset();
  tier = open(64 * mebi);
  ASSERT_TRUE(tier);
  expect_erased();
}

// A disk of three values, and one that was purged before these came. All lies in files, and the log says
// nothing of it. The notes of the purge are in another file than those of what came later.
class FlippedBitTest : public DiskFaultsTest {
 protected:
  enum class Family : std::uint8_t { notes, index };

  // Of the files of one family.
  std::vector<fs::path> files_of(Family family, const PurgeLabel& label) {
    auto tier = open();
    TierEntry purged = numbered(0, 2000);
    purged.images = {key_of("purged image")};
    EXPECT_TRUE(tier->insert(embedding, purged));
    EXPECT_TRUE(tier->note_purges_followed("7-7"));
    EXPECT_TRUE(tier->purge_labels(std::span(&label, 1)));
    for (const int number : {1, 2, 3}) EXPECT_TRUE(tier->insert(embedding, numbered(number, 2000)));
    tier.reset();
    const auto database = Database::open(folder->path() / "v1", DiskShares::of(256 * mebi)).value();
    rocksdb::DB& db = database->db();
    EXPECT_TRUE(db.Flush({}, {database->notes(), database->index(), database->values()}).ok());
    std::vector<rocksdb::LiveFileMetaData> live;
    db.GetLiveFilesMetaData(&live);
    const std::string wanted = (family == Family::notes ? database->notes() : database->index())->GetName();
    std::vector<fs::path> found;
    for (const auto& file : live) {
      if (file.column_family_name == wanted) found.push_back(fs::path(file.name).filename());
    }
    return found;
  }

  // Calls `look` for the whole disk, and for one after the other with one bit flipped in one of those files,
  // at `flips` places of each.
  template <typename Look>
  void for_each_flip(const std::vector<fs::path>& files, std::uint64_t flips, const Look& look) {
    const fs::path whole = folder->path() / "whole", used = folder->path() / "v1";
    fs::copy(used, whole, fs::copy_options::recursive);
    look();
    for (const fs::path& file : files) {
      const std::uint64_t step = fs::file_size(whole / file) / flips + 1;
      for (std::uint64_t at = 0; at < fs::file_size(whole / file); at += step) {
        SCOPED_TRACE(std::format("byte {} of {}", at, file.string()));
        fs::remove_all(used);
        fs::copy(whole, used, fs::copy_options::recursive);
        {
          std::fstream bytes(used / file, std::ios::in | std::ios::out | std::ios::binary);
          bytes.seekg(static_cast<std::streamoff>(at));
          const char flipped = static_cast<char>(bytes.get() ^ (1 << at % 8));
          bytes.seekp(static_cast<std::streamoff>(at));
          bytes.put(flipped);
        }
        look();
      }
    }
  }
};

class FlippedBitOfNotesTest : public FlippedBitTest, public testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(, FlippedBitOfNotesTest, testing::Bool(),
                         [](const auto& one) { return one.param ? "OfEverything" : "OfAnImage"; });

TEST_P(FlippedBitOfNotesTest, UndoesNoPurge) {
  const PurgeLabel label = GetParam() ? PurgeLabel::of_everything()
                                      : PurgeLabel{.tenant = key_of("tenant"), .image = key_of("purged image")};
  const std::vector<fs::path> notes = files_of(Family::notes, label);
  ASSERT_GE(notes.size(), 2u);
  int emptied = 0, kept = 0;
  for_each_flip(notes, 30, [&] {
    const auto reader = RocksdbTier::open({.folder = folder->path(), .bytes_max = 256 * mebi, .read_only = true});
    if (reader) {
      EXPECT_FALSE(find(**reader, "0"));
      EXPECT_EQ((*reader)->purges_followed(), "7-7");
    }
    auto tier = open();
    ASSERT_TRUE(tier);
    EXPECT_FALSE(find(*tier, "0"));
    EXPECT_EQ(tier->purges_followed(), tier->was_emptied() ? "" : "7-7");
    EXPECT_EQ(found_below(*tier, 4, 2000), tier->was_emptied() ? 0 : 3);
    EXPECT_TRUE(reader || tier->was_emptied()) << "who only looks empties nothing";
    tier->was_emptied() ? ++emptied : ++kept;
    EXPECT_TRUE(tier->insert(embedding, numbered(5, 2000)));
    EXPECT_TRUE(find(*tier, "5"));
  });
  EXPECT_GT(emptied, 5);
  EXPECT_GT(kept, 0) << "that without damage at least";
}

TEST_F(FlippedBitTest, OfTheIndexIsSaidAndRevivesNothing) {
  const std::vector<fs::path> index =
      files_of(Family::index, {.tenant = key_of("tenant"), .image = key_of("purged image")});
  ASSERT_FALSE(index.empty());
  int emptied = 0, kept = 0;
  for_each_flip(index, 10, [&] {
    auto tier = open();
    ASSERT_TRUE(tier);
    EXPECT_FALSE(find(*tier, "0"));
    EXPECT_EQ(found_below(*tier, 4, 2000), tier->was_emptied() ? 0 : 3) << "nothing is lost in silence";
    tier->was_emptied() ? ++emptied : ++kept;
  });
  EXPECT_GT(emptied, 2);
  EXPECT_GT(kept, 0) << "that without damage at least";
}

class TwoProcesses : public DiskFaultsTest {
 protected:
  // The writer's values as files, and a reader beside it.
  void SetUp() override {
    writer = open();
    ASSERT_TRUE(writer);
    for (int number = 0; number < 50; ++number) ASSERT_TRUE(writer->insert(embedding, numbered(number, 20'000)));
    writer.reset();
    {
      auto database = Database::open(folder->path() / "v1", DiskShares::of(256 * mebi));
      ASSERT_TRUE(database);
      ASSERT_TRUE((*database)->db().Flush({}, {(*database)->values(), (*database)->index()}).ok());
    }
    writer = open();
    ASSERT_TRUE(writer);
  }

  fs::path in_folder(std::string_view name) const { return folder->path() / "v1" / name; }

  std::unique_ptr<RocksdbTier> writer;
};

TEST_F(TwoProcesses, WhatAReaderCannotBelieveItDoesNotTakeFromTheWriter) {
  auto reader = open();
  ASSERT_TRUE(reader);
  ASSERT_TRUE(reader->read_only());
  fs::path largest;
  for (const auto& entry : fs::directory_iterator(folder->path() / "v1")) {
    if (entry.path().extension() == ".sst" && (largest.empty() || fs::file_size(entry) > fs::file_size(largest)))
      largest = entry.path();
  }
  ASSERT_FALSE(largest.empty());
  const fs::path whole = folder->path() / "whole";
  fs::copy_file(largest, whole);
  {
    std::fstream file(largest, std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(4096, 'x');
    for (std::uint64_t at = 0; at + noise.size() < fs::file_size(whole); at += 20'000) {
      file.seekp(static_cast<std::streamoff>(at));
      file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
    }
  }
  EXPECT_LT(found_below(*reader, 50, 20'000), 50) << "the damage is found";
  // As it was, in the same file: both have it open.
  {
    std::ifstream from(whole, std::ios::binary);
    std::fstream to(largest, std::ios::in | std::ios::out | std::ios::binary);
    to << from.rdbuf();
  }
  EXPECT_EQ(found_below(*writer, 50, 20'000), 50);
  ASSERT_TRUE(writer->insert(embedding, numbered(50, 20'000)));
  reader.reset();
  writer.reset();
  writer = open();
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->was_emptied());
  EXPECT_EQ(found_below(*writer, 51, 20'000), 51);
}

TEST_F(TwoProcesses, AReaderThatCannotOpenItLeavesItToTheWriter) {
  std::string current;
  std::getline(std::ifstream(in_folder("CURRENT")), current);
  std::ofstream(in_folder("CURRENT")) << "MANIFEST-999999\n";
  const auto reader = RocksdbTier::open({.folder = folder->path(), .bytes_max = 256 * mebi});
  ASSERT_FALSE(reader);
  EXPECT_EQ(reader.error().fault, Fault::unavailable);
  std::ofstream(in_folder("CURRENT")) << current << '\n';
  EXPECT_EQ(found_below(*writer, 50, 20'000), 50);
  ASSERT_TRUE(writer->insert(embedding, numbered(50, 20'000)));
  writer.reset();
  writer = open();
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->was_emptied());
  EXPECT_EQ(found_below(*writer, 51, 20'000), 51);
}

}  // namespace
}  // namespace fovea
