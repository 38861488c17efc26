// Small scripts show each rule. A model that keeps one list and scans it shows that the bookkeeping is exact.
#include "replay/fifo_disk.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <vector>

#include "replay/traces.h"

namespace fovea {
namespace {

// The disk as one list of copies, oldest first.
class PlainDisk {
 public:
  PlainDisk(std::uint64_t bytes_max, const FifoRules& rules) : rules_(rules), bytes_max_(bytes_max) {}

  bool find(std::uint32_t key) {
    if (!live(key)) return false;
    Facts& facts = facts_[key];
    facts.hits += 1;
    if (!full_ || rules_.again_after >= 1) return true;
    std::uint64_t of_row = 0;
    std::uint64_t behind = 0;
    for (const Copy& copy : log_) {
      if (copy.row != facts.row) continue;
      of_row += copy.bytes;
      behind = copy.key == key && copy.live ? 0 : behind + copy.bytes;
    }
    if (static_cast<double>(behind) < rules_.again_after * static_cast<double>(of_row)) return true;
    if (worth(key) < rules_.again_worth * mean_) return true;
    write(key);
    return true;
  }

  void store(std::uint32_t key, TraceLevel level, std::uint64_t bytes, double cost_ms) {
    if (live(key) || bytes > bytes_max_) return;
    const int row = rules_.rows == FifoRules::Rows::one ? 0 : static_cast<int>(level);
    facts_[key] = {bytes, cost_ms, 0, row};
    const double its_worth = worth(key);
    const bool refused = full_ && its_worth < rules_.admit_worth * mean_;
    mean_ += static_cast<double>(bytes) / static_cast<double>(bytes_max_) * (its_worth - mean_);
    if (!refused) write(key);
  }

  std::uint64_t bytes() const { return sum(log_); }

 private:
  struct Facts {
    std::uint64_t bytes = 0;
    double cost_ms = 0;
    double hits = 0;
    int row = 0;
  };
  struct Copy {
    std::uint32_t key;
    std::uint64_t bytes;
    int row;
    int file;
    bool live = true;
  };

  static std::uint64_t sum(const std::vector<Copy>& copies) {
    std::uint64_t bytes = 0;
    for (const Copy& copy : copies) bytes += copy.bytes;
    return bytes;
  }
  bool live(std::uint32_t key) const {
    return std::ranges::any_of(log_, [&](const Copy& copy) { return copy.key == key && copy.live; });
  }
  double worth(std::uint32_t key) const {
    const Facts& facts = facts_.at(key);
    return facts.cost_ms / static_cast<double>(facts.bytes) * (facts.hits + 1);
  }
  double worth_of(const std::vector<Copy>& file) const {
    double all = 0;
    for (const Copy& copy : file)
      if (copy.live) all += worth(copy.key) * static_cast<double>(copy.bytes);
    return all / static_cast<double>(sum(file));
  }
  std::vector<Copy> copies_in(int file) const {
    std::vector<Copy> copies;
    std::ranges::copy_if(log_, std::back_inserter(copies), [&](const Copy& copy) { return copy.file == file; });
    return copies;
  }

  void write(std::uint32_t key) {
    for (Copy& copy : log_)
      if (copy.key == key) copy.live = false;
    while (bytes() + facts_[key].bytes > bytes_max_) drop();
    append(key);
  }

  void append(std::uint32_t key) {
    Facts& facts = facts_[key];
    int open = -1;
    for (const Copy& copy : log_)
      if (copy.row == facts.row) open = copy.file;
    if (open < 0 || sum(copies_in(open)) + facts.bytes > bytes_max_ / rules_.files) open = files_++;
    log_.push_back({key, facts.bytes, facts.row, open});
    facts.hits *= 0.5;
  }

  // The oldest file of the row whose oldest file is worth least.
  int next_dropped() const {
    std::map<int, int> oldest;
    for (const Copy& copy : log_) oldest.try_emplace(copy.row, copy.file);
    return std::ranges::min_element(oldest, {}, [&](const auto& pair) { return worth_of(copies_in(pair.second)); })
        ->second;
  }

  void drop() {
    full_ = true;
    const int dropped = next_dropped();
    std::vector<Copy> copies = copies_in(dropped);
    std::erase_if(log_, [&](const Copy& copy) { return copy.file == dropped; });
    auto room = static_cast<std::uint64_t>(rules_.rescued_share * static_cast<double>(sum(copies)));
    std::erase_if(copies, [](const Copy& copy) { return !copy.live; });
    if (rules_.rescued_share > 0)
      std::ranges::stable_sort(copies, std::greater(), [&](const Copy& copy) { return worth(copy.key); });
    std::vector<std::uint32_t> rescued;
    for (const Copy& copy : copies) {
      if (copy.bytes > room) continue;
      room -= copy.bytes;
      rescued.push_back(copy.key);
    }
    for (const std::uint32_t key : rescued) append(key);
  }

  FifoRules rules_;
  std::uint64_t bytes_max_;
  std::vector<Copy> log_;
  std::map<std::uint32_t, Facts> facts_;
  int files_ = 0;
  bool full_ = false;
  double mean_ = 0;
};

// Stores values of 100 bytes. Ten of them fill the disk, each in a file of its own.
class TenFiles {
 public:
  explicit TenFiles(FifoRules rules) : disk_(1000, 100, with_ten_files(rules)) {}

  void store(std::uint32_t key, double cost_ms = 1, TraceLevel level = TraceLevel::embedding) {
    disk_.store(key, level, 100, cost_ms);
  }
  void store_range(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t key = first; key <= last; ++key) store(key);
  }
  bool find(std::uint32_t key) { return disk_.find(key); }
  const FifoDisk& disk() const { return disk_; }

 private:
  static FifoRules with_ten_files(FifoRules rules) {
    rules.files = 10;
    return rules;
  }
  FifoDisk disk_;
};

TEST(FifoDisk, DropsTheOldestWhateverWasHit) {
  TenFiles disk({});
  disk.store_range(0, 9);
  EXPECT_TRUE(disk.find(0));
  disk.store(10);
  EXPECT_FALSE(disk.find(0));
  EXPECT_TRUE(disk.find(1));
  EXPECT_EQ(disk.disk().bytes(), 1000u);
  EXPECT_EQ(disk.disk().evictions(), 1u);
}

TEST(FifoDisk, AppendsAnOldValueAgainAndItsOldCopyTakesRoom) {
  TenFiles disk({.again_after = 0.5});
  disk.store_range(0, 10);
  EXPECT_TRUE(disk.find(7));  // young
  EXPECT_EQ(disk.disk().writes().again, 0u);
  EXPECT_TRUE(disk.find(2));  // old: appended, for which 1 is dropped
  EXPECT_EQ(disk.disk().writes().again, 100u);
  EXPECT_FALSE(disk.find(1));
  disk.store(11);  // for which the dead copy of 2 is dropped
  EXPECT_TRUE(disk.find(2));
  EXPECT_TRUE(disk.find(3));
  EXPECT_EQ(disk.disk().evictions(), 2u);
}

TEST(FifoDisk, AsksNothingBeforeItIsFull) {
  TenFiles disk({.again_after = 0.5, .admit_worth = 1});
  disk.store(0, 100);
  disk.store_range(1, 9);
  EXPECT_TRUE(disk.find(0));
  EXPECT_EQ(disk.disk().writes().written(), 1000u);
}

TEST(FifoDisk, RefusesWhatIsWorthLessThanWhatIsOffered) {
  TenFiles disk({.admit_worth = 0.5});
  disk.store_range(0, 10);
  disk.store(11, 0.01);
  EXPECT_FALSE(disk.find(11));
  disk.store(12, 2);
  EXPECT_TRUE(disk.find(12));
  EXPECT_EQ(disk.disk().writes().refused, 100u);
}

TEST(FifoDisk, AppendsNothingAgainThatIsWorthLess) {
  TenFiles disk({.again_after = 0.5, .again_worth = 3});
  disk.store_range(0, 10);
  EXPECT_TRUE(disk.find(1));
  EXPECT_EQ(disk.disk().writes().again, 0u);
  EXPECT_TRUE(disk.find(1));
  EXPECT_TRUE(disk.find(1));  // three hits, worth 4 times the mean
  EXPECT_EQ(disk.disk().writes().again, 100u);
}

TEST(FifoDisk, RescuesWhatIsWorthMostOfTheDroppedFile) {
  FifoDisk disk(400, 10, {.files = 2, .rescued_share = 0.5});
  for (std::uint32_t key = 0; key < 4; ++key) disk.store(key, TraceLevel::embedding, 100, key == 1 ? 5 : 1);
  disk.store(4, TraceLevel::embedding, 100, 1);
  EXPECT_FALSE(disk.find(0));
  EXPECT_TRUE(disk.find(1));
  EXPECT_EQ(disk.writes().rescued, 100u);
  EXPECT_EQ(disk.bytes(), 400u);
}

TEST(FifoDisk, DropsFromTheLevelWhoseOldestFileIsWorthLeast) {
  TenFiles disk({.rows = FifoRules::Rows::per_level});
  for (std::uint32_t key = 0; key < 5; ++key) disk.store(key, 10, TraceLevel::response);
  disk.store_range(5, 10);
  for (std::uint32_t key = 0; key < 5; ++key) EXPECT_TRUE(disk.find(key));
  EXPECT_FALSE(disk.find(5));
  EXPECT_TRUE(disk.find(6));
}

TEST(FifoDisk, StoresNothingThatIsLargerThanIt) {
  FifoDisk disk(1000, 2, {});
  disk.store(0, TraceLevel::embedding, 1001, 1);
  EXPECT_FALSE(disk.find(0));
  disk.store(1, TraceLevel::embedding, 1000, 1);
  EXPECT_TRUE(disk.find(1));
}

TEST(FifoDisk, DoesWhatThePlainDiskDoes) {
  using enum FifoRules::Rows;
  const std::vector<FifoRules> all{{8},
                                   {8, one, 0.5},
                                   {8, one, 0.3, 0.5, 0.5},
                                   {8, per_level},
                                   {8, per_level, 0.5},
                                   {8, one, 0.5, 0, 0, 0.5},
                                   {5, per_level, 0.7, 0.1, 0.1, 0.9}};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      SCOPED_TRACE(testing::Message() << "rules " << i << ", seed " << seed);
      FifoDisk disk(2000, 40, all[i]);
      PlainDisk plain(2000, all[i]);
      std::uint64_t state = mixed_bits(seed);
      for (int step = 0; step < 400; ++step) {
        const std::uint32_t key = std::min(draw(state, 40), draw(state, 40));
        const bool hit = disk.find(key);
        ASSERT_EQ(hit, plain.find(key)) << "step " << step;
        ASSERT_EQ(disk.bytes(), plain.bytes()) << "step " << step;
        if (hit) continue;
        const TraceLevel level = key % 2 == 0 ? TraceLevel::embedding : TraceLevel::response;
        const std::uint64_t bytes = key % 2 == 0 ? 100 + 40 * (key % 7) : 10 + key;
        const double cost_ms = 1 + draw(state, 20);
        disk.store(key, level, bytes, cost_ms);
        plain.store(key, level, bytes, cost_ms);
        ASSERT_EQ(disk.bytes(), plain.bytes()) << "step " << step;
        ASSERT_LE(disk.bytes(), 2000u);
      }
    }
  }
}

TEST(FifoDisk, SavesOfATraceWhatItsDisksFind) {
  const Trace trace = questions_about_pictures(1, 2000, 40, 10);
  DiskWrites writes;
  const ReplayOutcome outcome = replay_fifo_disk(trace, {}, BudgetPlan::shared(1 << 30), writes);
  EXPECT_GT(outcome.hits, 0u);
  EXPECT_EQ(outcome.evictions, 0u);
  EXPECT_EQ(writes.written(), writes.offered());
  DiskWrites none;
  EXPECT_EQ(replay_fifo_disk(trace, {}, BudgetPlan::split({0, 0, 0}), none).saved_ms, 0);
  EXPECT_EQ(none.offered(), 0u);
}

}  // namespace
}  // namespace fovea
