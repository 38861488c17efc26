#include "prefetch/prefetcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "prefetch/numbered_key.h"

namespace fovea {
namespace {

using std::chrono::steady_clock;

// A memory of two pictures, the oldest of which goes first, and a tier that has all of them.
class FakeMover final : public PictureMover {
 public:
  bool lacks(const KnownPicture& picture) override {
    std::scoped_lock lock(mutex_);
    return !std::ranges::contains(memory_, picture.prefix.value_or(picture.tiling));
  }
  double wait_ms(const KnownPicture&) override { return wait; }
  std::vector<PrefetchAccount::Part> move(const KnownPicture& picture, const std::stop_token&) override {
    std::scoped_lock lock(mutex_);
    const bool has_prefix = picture.prefix && prefixes.contains(*picture.prefix);
    const Key& key = has_prefix ? *picture.prefix : picture.tiling;
    moved.push_back(key);
    if (tier_is_empty) return {};
    keep(key);
    return {{key, 100}};
  }
  bool in_memory(const Key& key) const override {
    std::scoped_lock lock(mutex_);
    return std::ranges::contains(memory_, key);
  }
  Turnover turnover() const override { return {}; }

  // What a request does: it looks the picture up, and keeps it. The result is where it was.
  TierKind request(const Key& key) {
    std::scoped_lock lock(mutex_);
    const bool was_there = std::ranges::contains(memory_, key);
    if (!was_there) keep(key);
    return was_there ? TierKind::memory : TierKind::shared;
  }
  std::vector<Key> all_moved() const {
    std::scoped_lock lock(mutex_);
    return moved;
  }

  // Set before anything is asked.
  std::atomic<double> wait = 50;
  std::atomic<bool> tier_is_empty = false;
  std::set<Key> prefixes;

 private:
  void keep(const Key& key) {
    memory_.push_back(key);
    if (memory_.size() > 2) memory_.erase(memory_.begin());
  }

  mutable std::mutex mutex_;
  std::vector<Key> memory_;
  std::vector<Key> moved;
};

class PrefetcherTest : public testing::Test {
 protected:
  // Sessions that ask about pictures by number, one a second, whose tilings have the same keys. What is
  // predicted has been moved by the next request.
  void ask(int picture, int session = 1, int lead = 0) {
    const Key key = picture_key(picture), state = numbered_key("prefix", 100 * lead + picture);
    const Key& needed = mover_.prefixes.contains(state) ? state : key;
    AskedRequest request{.scope = scope_key(1),
                         .session = session_key(session),
                         .pictures = {{key, key}},
                         .lead = {},
                         .prefix = {},
                         .looked_up = {{needed, mover_.request(needed)}},
                         .computed = true,
                         .began_ms = clock_.now += 1000};
    if (lead > 0) {
      request.lead = numbered_key("lead", lead);
      request.prefix = state;
    }
    prefetcher_.asked(std::move(request));
    flush();
  }
  void flush() { ASSERT_TRUE(prefetcher_.flush(steady_clock::now() + std::chrono::hours(1))); }
  void read(int times, int lead = 0) {
    for (int time = 0; time < times; ++time) {
      for (int picture = 1; picture <= 6; ++picture) ask(picture, 1, lead);
    }
  }
  void expect_sum() const {
    const PrefetchCounts counts = prefetcher_.counts();
    EXPECT_EQ(counts.issued, counts.used + counts.late + counts.wasted + counts.outstanding());
  }

  FakeMover mover_;
  SetClock clock_;
  std::atomic<bool> idle_ = true;
  Prefetcher prefetcher_{mover_, [this] { return idle_.load(); }, {}, clock_};
};

TEST_F(PrefetcherTest, TheNextPageIsInMemoryBeforeItIsAskedFor) {
  read(10);
  const PrefetchCounts counts = prefetcher_.counts();
  EXPECT_GT(counts.used, 20U);
  EXPECT_GE(counts.precision(), 0.9);
  EXPECT_GT(counts.coverage(), 0.3);
  EXPECT_EQ(counts.used_bytes, 100 * counts.used);
  expect_sum();
  ask(1);
  EXPECT_TRUE(mover_.in_memory(picture_key(2)));
}

TEST_F(PrefetcherTest, NothingIsMovedWhereNothingFollows) {
  for (int picture = 1; picture <= 200; ++picture) ask(picture * 7919 % 1000);
  EXPECT_EQ(prefetcher_.counts().issued, 0U);
  EXPECT_TRUE(mover_.all_moved().empty());
}

TEST_F(PrefetcherTest, WhatIsNoGainIsDropped) {
  mover_.wait = 1;  // of which some would be lost where a prediction is wrong
  read(10);
  EXPECT_EQ(prefetcher_.counts().issued, 0U);
  EXPECT_GT(prefetcher_.counts().dropped, 0U);
  EXPECT_TRUE(mover_.all_moved().empty());
}

TEST_F(PrefetcherTest, WhatNoTierHasIsWastedAndSoonNotPredictedAnyMore) {
  mover_.tier_is_empty = true;
  read(60);
  const PrefetchCounts counts = prefetcher_.counts();
  EXPECT_GT(counts.issued, 0U);
  EXPECT_EQ(counts.wasted, counts.issued);
  EXPECT_EQ(counts.wasted_bytes, 0U);
  EXPECT_LT(counts.issued, 40U);  // of some 300 that could be predicted
}

// Another question with the same words before the picture needs no embedding.
TEST_F(PrefetcherTest, TheStateBehindAPictureIsMovedIfTheWordsBeforeItAreTheSame) {
  for (int picture = 1; picture <= 6; ++picture) mover_.prefixes.insert(numbered_key("prefix", 100 + picture));
  read(10, 1);
  const std::vector<Key> moved = mover_.all_moved();
  EXPECT_FALSE(moved.empty());
  for (const Key& key : moved) EXPECT_TRUE(mover_.prefixes.contains(key));
  for (int picture = 1; picture <= 3; ++picture) ask(picture, 1, 2);  // other words
  EXPECT_TRUE(std::ranges::contains(mover_.all_moved(), picture_key(3)));
}

TEST_F(PrefetcherTest, NothingIsMovedWhileARequestIsComputed) {
  read(10);
  const std::size_t moved = mover_.all_moved().size();
  idle_ = false;
  for (int picture = 1; picture <= 6; ++picture) {
    const Key key = picture_key(picture);
    prefetcher_.asked({.scope = scope_key(1),
                       .session = session_key(1),
                       .pictures = {{key, key}},
                       .lead = {},
                       .prefix = {},
                       .looked_up = {{key, mover_.request(key)}},
                       .computed = true,
                       .began_ms = clock_.now += 1000});
  }
  EXPECT_FALSE(prefetcher_.flush(steady_clock::now() + std::chrono::milliseconds(50))) << "predictions wait";
  EXPECT_EQ(mover_.all_moved().size(), moved);
  idle_ = true;
  flush();
  expect_sum();
}

TEST_F(PrefetcherTest, WhatIsOldIsDroppedOnAMachineThatIsNeverIdle) {
  read(10);
  const PrefetchCounts before = prefetcher_.counts();
  idle_ = false;
  for (int picture = 1; picture <= 6; ++picture) {
    const Key key = picture_key(picture);
    prefetcher_.asked({.scope = scope_key(1),
                       .session = session_key(1),
                       .pictures = {{key, key}},
                       .lead = {},
                       .prefix = {},
                       .looked_up = {{key, mover_.request(key)}},
                       .computed = true,
                       .began_ms = clock_.now += 1000});
  }
  while (prefetcher_.counts().dropped == before.dropped) {  // it looks at them when it has its time
    clock_.now += 60'000;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  clock_.now += 60'000;
  flush();
  EXPECT_EQ(prefetcher_.counts().issued, before.issued);
  expect_sum();
}

TEST_F(PrefetcherTest, AStoredAnswerNeedsNothingAndTeachesTheOrder) {
  for (int time = 0; time < 10; ++time) {
    for (int picture = 1; picture <= 6; ++picture) {
      const Key key = picture_key(picture);
      prefetcher_.asked({.scope = scope_key(1),
                         .session = session_key(1),
                         .pictures = {{key, key}},
                         .lead = {},
                         .prefix = {},
                         .looked_up = {},
                         .computed = false,
                         .began_ms = clock_.now += 1000});
      flush();
    }
  }
  EXPECT_EQ(prefetcher_.counts().used, 0U) << "nobody looked anything up";
  EXPECT_GT(prefetcher_.counts().tried, 0U);
}

TEST(Prefetcher, EndsWithPredictionsThatWait) {
  FakeMover mover;
  SetClock clock;
  std::atomic<bool> idle = true;
  std::size_t moved = 0;
  {
    Prefetcher prefetcher(mover, [&] { return idle.load(); }, {}, clock);
    for (int asked = 0; asked < 400; ++asked) {
      const Key key = picture_key(asked % 6);
      prefetcher.asked({.scope = scope_key(1),
                        .session = session_key(1),
                        .pictures = {{key, key}},
                        .lead = {},
                        .prefix = {},
                        .looked_up = {{key, mover.request(key)}},
                        .computed = true,
                        .began_ms = clock.now += idle ? 1000 : 1});  // so that none that waits is old
      if (!idle) continue;
      ASSERT_TRUE(prefetcher.flush(steady_clock::now() + std::chrono::hours(1)));
      moved = mover.all_moved().size();
      idle = asked < 60;
    }
    EXPECT_GT(moved, 0U);
    EXPECT_FALSE(prefetcher.flush(steady_clock::now() + std::chrono::milliseconds(50))) << "predictions wait";
  }
  EXPECT_EQ(mover.all_moved().size(), moved);
}

}  // namespace
}  // namespace fovea
