// The checker finds each kind of fault in a history that has it, and none in a history without faults. It is
// compared with a plain algorithm that tries every order.
#include "cache/key_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "cache/marked_value.h"

namespace fovea::test {
namespace {

using Kind = KeyEvent::Kind;
using History = std::vector<KeyEvent>;

KeyEvent wrote(std::uint64_t version, std::uint64_t start, std::uint64_t end) {
  return {Kind::wrote, version, start, end};
}
KeyEvent read(std::uint64_t version, std::uint64_t start, std::uint64_t end) {
  return {Kind::read, version, start, end};
}
KeyEvent removed(std::uint64_t start, std::uint64_t end) { return {Kind::removed, 0, start, end}; }
KeyEvent missed(std::uint64_t start, std::uint64_t end) { return {Kind::missed, 0, start, end}; }

TEST(KeyHistory, AcceptsWhatOneOrderExplains) {
  EXPECT_FALSE(order_fault(History{}));
  EXPECT_FALSE(order_fault(History{wrote(1, 1, 2), read(1, 3, 4), wrote(2, 5, 6), read(2, 7, 8)}));
  EXPECT_FALSE(order_fault(History{wrote(1, 1, 2), missed(3, 4)})) << "evicted";
  EXPECT_FALSE(order_fault(History{wrote(1, 1, 4), read(1, 2, 3)})) << "found while it is being stored";
  EXPECT_FALSE(order_fault(History{wrote(1, 1, 2), wrote(2, 3, 6), read(1, 4, 5)})) << "the new one is not stored yet";
  EXPECT_FALSE(order_fault(History{wrote(1, 1, 2), removed(3, 6), read(1, 4, 5)})) << "not erased yet";
}

TEST(KeyHistory, FindsAReadBeforeItsWrite) {
  EXPECT_TRUE(order_fault(History{read(1, 1, 2)}));
  EXPECT_TRUE(order_fault(History{read(1, 1, 2), wrote(1, 3, 4)}));
}

TEST(KeyHistory, FindsAStaleRead) {
  EXPECT_TRUE(order_fault(History{wrote(1, 1, 2), wrote(2, 3, 4), read(1, 5, 6)})) << "a lost update";
  EXPECT_TRUE(order_fault(History{wrote(1, 1, 2), removed(3, 4), read(1, 5, 6)})) << "found after an erase";
  EXPECT_TRUE(order_fault(History{wrote(1, 1, 2), missed(3, 4), read(1, 5, 6)})) << "a lost value came back";
}

TEST(KeyHistory, FindsReadsThatGoBack) {
  EXPECT_TRUE(order_fault(History{wrote(1, 1, 2), wrote(2, 3, 10), read(2, 4, 5), read(1, 6, 7)}));
  EXPECT_TRUE(order_fault(History{wrote(1, 1, 20), wrote(2, 2, 21), read(1, 3, 4), read(2, 5, 6), read(1, 7, 8)}));
}

// Whether the events that are not yet `done` can follow each other from a state (0 = nothing there).
bool explained(const History& events, std::vector<bool>& done, std::uint64_t state) {
  std::uint64_t first_end = UINT64_MAX;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!done[i]) first_end = std::min(first_end, events[i].end);
  }
  if (first_end == UINT64_MAX) return true;
  for (std::size_t i = 0; i < events.size(); ++i) {
    const KeyEvent& event = events[i];
    // Only an event that began before every other one ended can be next. A read needs its version; any other
    // event may follow any state.
    if (done[i] || event.start > first_end || (event.kind == Kind::read && state != event.version)) continue;
    const bool holds_value = event.kind == Kind::wrote || event.kind == Kind::read;
    done[i] = true;
    const bool works = explained(events, done, holds_value ? event.version : 0);
    done[i] = false;
    if (works) return true;
  }
  return false;
}

History random_history(std::mt19937& random) {
  const std::size_t count = 1 + random() % 7;
  std::vector<std::uint64_t> stamps(2 * count);
  std::iota(stamps.begin(), stamps.end(), 1);
  // Nearly sorted, so that both outcomes are common.
  for (std::size_t i = 0; i + 3 < stamps.size(); ++i) std::swap(stamps[i], stamps[i + random() % 4]);
  History events;
  std::uint64_t versions = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto [start, end] = std::minmax(stamps[2 * i], stamps[2 * i + 1]);
    const auto dice = random() % 10;
    if (dice < 4)
      events.push_back(wrote(++versions, start, end));
    else if (dice < 8)
      events.push_back(read(1 + random() % 3, start, end));
    else
      events.push_back(dice == 8 ? removed(start, end) : missed(start, end));
  }
  return events;
}

TEST(KeyHistory, AgreesWithTryingEveryOrder) {
  std::mt19937 random(7);
  int explainable = 0, faulty = 0;
  for (int round = 0; round < 100'000; ++round) {
    const History events = random_history(random);
    std::vector<bool> done(events.size());
    const bool works = explained(events, done, 0);
    ++(works ? explainable : faulty);
    ASSERT_EQ(!order_fault(events), works) << "round " << round;
  }
  EXPECT_GT(explainable, 10'000);
  EXPECT_GT(faulty, 10'000);
}

TEST(KeyHistory, FindsAMissOfAPinnedEntry) {
  const PinHold hold{3, 4, 10};
  EXPECT_TRUE(pin_fault(History{wrote(1, 1, 2), missed(5, 6)}, std::vector{hold}));
  EXPECT_FALSE(pin_fault(History{wrote(1, 1, 2), missed(9, 11)}, std::vector{hold})) << "perhaps after the release";
  EXPECT_FALSE(pin_fault(History{wrote(1, 1, 2), removed(5, 6), missed(7, 8)}, std::vector{hold})) << "erased";
  EXPECT_TRUE(pin_fault(History{wrote(1, 1, 2), missed(5, 6), removed(7, 8)}, std::vector{hold})) << "not erased yet";
}

TEST(KeyHistory, FindsAReadOfAnExpiredValue) {
  History events = {wrote(1, 1, 2), read(1, 3, 4)};
  events[0].expires_by_ms = 100;
  events[1].began_ms = 99;
  EXPECT_FALSE(expiry_fault(events));
  events[1].began_ms = 100;
  EXPECT_TRUE(expiry_fault(events));
}

TEST(MarkedValue, TellsItsOwner) {
  const Blob value = MarkedValue::make({5, 7}, 20);
  EXPECT_EQ(mark_of(value), (Mark{5, 7}));
  EXPECT_NE(mark_of(value), (Mark{6, 7})) << "another key's";
}

TEST(MarkedValue, TellsWhenItIsTorn) {
  const Blob first = MarkedValue::make({5, 7}, 20), second = MarkedValue::make({5, 8}, 20);
  for (std::size_t cut = 16; cut < first.size(); cut += 8)
    EXPECT_FALSE(
        mark_of(Blob::copy_of(std::string(first.text().substr(0, cut)) + std::string(second.text().substr(cut)))))
        << cut;
  EXPECT_FALSE(mark_of(Blob::copy_of(first.text().substr(0, 80)))) << "cut";
  EXPECT_FALSE(mark_of(Blob())) << "empty";
}

TEST(MarkedValue, CountsTheValuesAlive) {
  const auto before = MarkedValue::alive.load();
  {
    const Blob value = MarkedValue::make({1, 1}, 3);
    EXPECT_EQ(MarkedValue::alive, before + 1);
  }
  EXPECT_EQ(MarkedValue::alive, before);
}

}  // namespace
}  // namespace fovea::test
