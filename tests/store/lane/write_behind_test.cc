#include "store/lane/write_behind.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "pipeline/gate.h"
#include "store/entries.h"

namespace fovea {
namespace {

using namespace test;  // the entries
using std::chrono::steady_clock;

constexpr RecordKind kind = RecordKind::prefix;
constexpr std::size_t record_bytes = record_header_bytes + 1;  // of each entry here

TierEntry small(int number, const Key& tenant = alice, std::vector<Key> images = {}) {
  return entry(number, "x", tenant, std::move(images));
}

// Longer than a test lasts.
steady_clock::time_point later() { return steady_clock::now() + std::chrono::hours(1); }

// What was written and removed, in order. Each write waits in front of the gate.
class RecordingWriter final : public WriteBehind::Writer {
 public:
  void write(RecordKind of, const TierEntry& entry) override {
    gate.pass({});
    const std::lock_guard lock(mutex_);
    written_.emplace_back(of, entry.key);
    if (entry.is_withdrawn()) withdrawn_.emplace_back(of, entry.key);
  }
  void remove(RecordKind of, const Key& key) override {
    removing.pass({});
    const std::lock_guard lock(mutex_);
    removed_.emplace_back(of, key);
  }

  using Entries = std::vector<std::pair<RecordKind, Key>>;
  Entries written() const {
    const std::lock_guard lock(mutex_);
    return written_;
  }
  Entries removed() const {
    const std::lock_guard lock(mutex_);
    return removed_;
  }

  // Those that were, when they were written.
  Entries withdrawn() const {
    const std::lock_guard lock(mutex_);
    return withdrawn_;
  }

  Gate gate, removing;

 private:
  mutable std::mutex mutex_;
  Entries written_, removed_, withdrawn_;
};

RecordingWriter::Entries entries_of(std::initializer_list<int> numbers) {
  RecordingWriter::Entries entries;
  for (const int number : numbers) entries.emplace_back(kind, key(number));
  return entries;
}

class WriteBehindTest : public testing::Test {
 protected:
  // A queue whose thread holds entry 0 in front of the gate, so that all that follows stays in the queue.
  void held(WriteBehindOptions options = {}) {
    writer.gate.close();
    writes = std::make_unique<WriteBehind>(writer, options);
    EXPECT_TRUE(writes->push(kind, small(0)));
    writer.gate.wait_for(1);
  }
  void TearDown() override {
    writer.gate.open();
    writer.removing.open();
  }
  RecordingWriter::Entries written_in_the_end() {
    writer.gate.open();
    EXPECT_TRUE(writes->flush(later()));
    return writer.written();
  }

  RecordingWriter writer;
  std::unique_ptr<WriteBehind> writes;  // goes first
};

TEST_F(WriteBehindTest, WritesInTheOrderOfPushing) {
  held();
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(writes->push(kind, small(i)));
  EXPECT_TRUE(writer.written().empty()) << "nobody waited for it";
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(writes->stats().entries, 0u);
  EXPECT_EQ(writes->stats().bytes, 0u);
}

TEST_F(WriteBehindTest, IsBoundedByEntries) {
  held({.bytes_max = 1 << 20, .entries_max = 3});
  for (int i = 1; i <= 3; ++i) EXPECT_TRUE(writes->push(kind, small(i)));
  EXPECT_FALSE(writes->push(kind, small(4)));
  EXPECT_FALSE(writes->push(kind, small(5)));
  EXPECT_EQ(writes->stats().entries, 4u) << "with the one that is being written";
  EXPECT_EQ(writes->stats().dropped, 2u);
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1, 2, 3}));
  EXPECT_TRUE(writes->push(kind, small(6))) << "there is room again";
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1, 2, 3, 6}));
}

TEST_F(WriteBehindTest, IsBoundedByBytes) {
  held({.bytes_max = 2 * record_bytes, .entries_max = 100});
  EXPECT_TRUE(writes->push(kind, small(1)));
  EXPECT_TRUE(writes->push(kind, small(2))) << "exactly full";
  EXPECT_EQ(writes->stats().bytes, 2 * record_bytes);
  EXPECT_FALSE(writes->push(kind, small(3)));
  EXPECT_EQ(writes->stats().dropped, 1u);
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1, 2}));
  EXPECT_EQ(writes->stats().bytes, 0u);
}

TEST_F(WriteBehindTest, WhatIsLargerThanAllOfItIsDroppedFromAnEmptyOneToo) {
  WriteBehind tight(writer, {.bytes_max = record_bytes - 1, .entries_max = 100});
  EXPECT_FALSE(tight.push(kind, small(1)));
  EXPECT_EQ(tight.stats().dropped, 1u);
  EXPECT_TRUE(tight.flush(later()));
  EXPECT_TRUE(writer.written().empty());
}

TEST_F(WriteBehindTest, WhatWasPurgedWhileItWaitedIsNotWritten) {
  held();
  writes->push(kind, small(1, alice, {red}));
  writes->push(kind, small(2, alice, {blue, red}));
  writes->push(kind, small(3, bob, {red}));
  writes->push(RecordKind::response, small(4, bob, {blue}));
  writes->purge({.tenant = alice, .image = blue});
  EXPECT_EQ(writes->stats().entries, 4u);
  EXPECT_EQ(writes->stats().bytes, 3 * record_bytes);
  writes->purge({.tenant = bob, .image = {}});
  EXPECT_EQ(writes->stats().bytes, record_bytes) << "of every kind";
  writes->push(kind, small(5, bob));  // after the purge
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1, 5}));
  EXPECT_TRUE(writer.removed().empty());
}

TEST_F(WriteBehindTest, WhatWasErasedWhileItWaitedIsNotWritten) {
  held();
  writes->push(kind, small(1));
  writes->push(kind, small(2));
  writes->push(RecordKind::response, small(1));
  writes->push(kind, small(1));
  writes->erase(kind, std::array{key(1), key(3)});
  EXPECT_EQ(writes->stats().bytes, 2 * record_bytes);
  EXPECT_EQ(written_in_the_end(),
            (RecordingWriter::Entries{{kind, key(0)}, {kind, key(2)}, {RecordKind::response, key(1)}}));
}

TEST_F(WriteBehindTest, WhatIsPurgedWhileItIsWrittenIsRemovedBehindItsWrite) {
  held();
  EXPECT_FALSE(writes->removing());
  writes->purge({.tenant = bob, .image = {}});
  EXPECT_FALSE(writes->removing()) << "another's";
  writes->purge({.tenant = alice, .image = {}});
  ASSERT_TRUE(writes->removing());
  EXPECT_EQ(writes->removing()->key, key(0));
  EXPECT_EQ(writes->removing()->kind, kind);
  writes->push(kind, small(1, bob));
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1}));
  EXPECT_EQ(writer.withdrawn(), entries_of({0}));
  EXPECT_EQ(writer.removed(), entries_of({0}));
  EXPECT_FALSE(writes->removing());
}

TEST_F(WriteBehindTest, WhatIsErasedWhileItIsWrittenIsRemovedBehindItsWrite) {
  held();
  writes->erase(RecordKind::response, std::array{key(0)});
  writes->erase(kind, std::array{key(1)});
  EXPECT_FALSE(writes->removing()) << "others";
  writes->erase(kind, std::array{key(0)});
  EXPECT_TRUE(writes->removing());
  written_in_the_end();
  EXPECT_EQ(writer.removed(), entries_of({0}));
}

TEST_F(WriteBehindTest, FlushWaitsForWhatIsRemovedBehindItsWrite) {
  held();
  writes->erase(kind, std::array{key(0)});
  writer.removing.close();
  writer.gate.open();
  writer.removing.wait_for(1);
  EXPECT_TRUE(writes->removing());
  EXPECT_FALSE(writes->flush(steady_clock::now()));
  writer.removing.open();
  EXPECT_TRUE(writes->flush(later()));
  EXPECT_EQ(writer.removed(), entries_of({0}));
}

TEST_F(WriteBehindTest, WhatIsPushedAfterThePurgeOfItsKeyIsWritten) {
  held();
  writes->erase(kind, std::array{key(0)});
  writes->push(kind, small(0));
  EXPECT_EQ(written_in_the_end(), entries_of({0, 0}));
  EXPECT_EQ(writer.removed(), entries_of({0})) << "the first alone";
}

TEST_F(WriteBehindTest, FlushEndsAtItsDeadline) {
  held();
  writes->push(kind, small(1));
  EXPECT_FALSE(writes->flush(steady_clock::now() - std::chrono::hours(1)));
  EXPECT_FALSE(writes->flush(steady_clock::now()));
  EXPECT_TRUE(writer.written().empty());
  EXPECT_EQ(written_in_the_end(), entries_of({0, 1}));
  EXPECT_TRUE(writes->flush(steady_clock::now() - std::chrono::hours(1))) << "nothing to wait for";
}

TEST_F(WriteBehindTest, GoesWithAFullQueue) {
  held({.bytes_max = 1 << 20, .entries_max = 50});
  for (int i = 1; i <= 50; ++i) ASSERT_TRUE(writes->push(kind, small(i)));
  const std::jthread opening([&] { writer.gate.open(); });
  writes.reset();
  const auto written = writer.written();
  ASSERT_FALSE(written.empty()) << "what is being written is finished";
  for (std::size_t i = 0; i < written.size(); ++i) EXPECT_EQ(written[i].second, key(static_cast<int>(i)));
}

TEST_F(WriteBehindTest, ManyPushPurgeAndFlushAtOnce) {
  constexpr int threads = 4, pushes = 300;
  writes = std::make_unique<WriteBehind>(writer, WriteBehindOptions{.bytes_max = 20 * record_bytes, .entries_max = 16});
  {
    std::vector<std::jthread> pushing;
    for (int thread = 0; thread < threads; ++thread) {
      pushing.emplace_back([&, thread] {
        for (int i = 0; i < pushes; ++i) {
          writes->push(kind, small(thread * pushes + i, thread % 2 == 0 ? alice : bob));
          if (i % 16 == 0) writes->flush(later());
          if (i % 50 == 0) writes->purge({.tenant = alice, .image = {}});
        }
      });
    }
  }
  ASSERT_TRUE(writes->flush(later()));
  const WriteBehindStats stats = writes->stats();
  EXPECT_EQ(stats.entries, 0u);
  EXPECT_EQ(stats.bytes, 0u);
  auto written = writer.written();
  EXPECT_LE(written.size() + stats.dropped, static_cast<std::size_t>(threads * pushes));
  EXPECT_GE(written.size() + stats.dropped, static_cast<std::size_t>(threads * pushes / 2)) << "none of bob's is lost";
  std::ranges::sort(written);
  EXPECT_EQ(std::ranges::adjacent_find(written), written.end()) << "each once";
}

}  // namespace
}  // namespace fovea
