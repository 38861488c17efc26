#include "serve/http/body_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace fovea::serve {
namespace {

TEST(BodyMemory, IsTakenUpToItsBound) {
  BodyMemory memory(10);
  EXPECT_TRUE(memory.take(6));
  EXPECT_FALSE(memory.take(5));
  EXPECT_TRUE(memory.take(4));
  memory.give_back(6);
  EXPECT_EQ(memory.taken(), 4U);
  EXPECT_FALSE(memory.take(~std::uint64_t{0})) << "and does not overflow";
}

TEST(BodyBytes, HasTheRoomThatWasReserved) {
  BodyMemory memory(100);
  BodyBytes body(memory);
  EXPECT_FALSE(body.reserve(101));
  ASSERT_TRUE(body.reserve(60));
  EXPECT_EQ(memory.taken(), 60U);
  std::ranges::copy(std::string("abc"), body.room().begin());
  body.filled(3);
  EXPECT_EQ(body.text(), "abc");
  EXPECT_EQ(body.room().size(), 57U);
  const char* behind = body.text().data() + body.size();
  EXPECT_TRUE(std::all_of(behind, behind + BodyBytes::padding_bytes, [](char c) { return c == '\0'; }));
  body.clear();
  EXPECT_EQ(memory.taken(), 0U);
}

TEST(BodyBytes, GrowsToItsBound) {
  BodyMemory memory(1 << 20);
  BodyBytes body(memory);
  const std::string piece(10'000, 'x');
  std::size_t appended = 0;
  while (body.append(piece, 95'000)) appended += piece.size();
  EXPECT_EQ(appended, 90'000U);
  EXPECT_EQ(body.size(), 95'000U) << "as much as fits";
  EXPECT_EQ(memory.taken(), 95'000U);
}

TEST(BodyBytes, GrowsInFewStepsButNotFarAboveWhatCame) {
  constexpr std::size_t photograph = 278'000;
  BodyMemory memory(1 << 20);
  BodyBytes body(memory);
  std::size_t steps = 0;
  while (body.size() < photograph) {
    const std::size_t had = body.size();
    ASSERT_TRUE(body.grow(photograph));
    EXPECT_LE(memory.taken(), std::max<std::size_t>(16 << 10, 8 * had));
    body.filled(body.room().size());
    ++steps;
  }
  EXPECT_EQ(body.size(), photograph);
  EXPECT_LE(steps, 3U);
}

TEST(BodyBytes, IsBoundedByTheMemory) {
  BodyMemory memory(20'000);
  BodyBytes first(memory), second(memory);
  EXPECT_TRUE(first.append("x", 1 << 20));
  EXPECT_FALSE(second.append("x", 1 << 20));
  BodyBytes moved(std::move(first));
  EXPECT_EQ(moved.text(), "x");
  moved = BodyBytes(memory);
  EXPECT_EQ(memory.taken(), 0U);
  EXPECT_TRUE(second.append("x", 1 << 20));
}

}  // namespace
}  // namespace fovea::serve
