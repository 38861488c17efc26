#include "store/events/event_ring.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

PictureEvent event_of(std::uint32_t entries) { return {.holding = {.picture = {}, .tenant = {}, .entries = entries}}; }

std::vector<std::uint64_t> numbers(const EventRing::Batch& batch) {
  std::vector<std::uint64_t> numbers;
  for (const PictureEvent& event : batch.events) numbers.push_back(event.sequence);
  return numbers;
}

TEST(EventRing, NumbersEventsFromOne) {
  EventRing ring(4);
  EXPECT_EQ(ring.last(), 0u);
  EXPECT_TRUE(ring.behind(0, 10).events.empty());
  ring.add(event_of(7));
  ring.add(event_of(8));
  EXPECT_EQ(ring.last(), 2u);
  const EventRing::Batch all = ring.behind(0, 10);
  EXPECT_EQ(numbers(all), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(all.events[1].holding.entries, 8u);
  EXPECT_EQ(numbers(ring.behind(1, 10)), std::vector<std::uint64_t>{2});
  EXPECT_TRUE(ring.behind(2, 10).events.empty());
}

TEST(EventRing, GivesTheOldestOfMany) {
  EventRing ring(10);
  for (std::uint32_t i = 0; i < 8; ++i) ring.add(event_of(i));
  EXPECT_EQ(numbers(ring.behind(2, 3)), (std::vector<std::uint64_t>{3, 4, 5}));
  EXPECT_TRUE(ring.behind(2, 0).events.empty());
}

TEST(EventRing, KeepsTheLastAndCountsWhatIsLost) {
  EventRing ring(3);
  for (std::uint32_t i = 0; i < 10; ++i) ring.add(event_of(i));
  EXPECT_EQ(ring.last(), 10u);
  EXPECT_EQ(numbers(ring.behind(7, 10)), (std::vector<std::uint64_t>{8, 9, 10}));
  EXPECT_EQ(ring.behind(7, 10).lost, 0u);
  const EventRing::Batch late = ring.behind(4, 10);
  EXPECT_EQ(late.lost, 3u) << "5, 6 and 7";
  EXPECT_TRUE(late.events.empty());
  EXPECT_EQ(ring.behind(0, 10).lost, 7u);
}

}  // namespace
}  // namespace fovea
