#include "pipeline/known_requests.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace fovea {
namespace {

Key number(std::int64_t n) { return KeyBuilder("number").field(n).finish(); }

TEST(KnownRequests, AreFoundByTheirWholeKey) {
  KnownRequests known;
  EXPECT_EQ(known.find(number(1)), std::nullopt);
  known.add(number(1), number(2));
  EXPECT_EQ(known.find(number(1)), number(2));
  Key almost = number(1);
  almost.bytes.back() ^= std::byte{1};  // the same place in the table
  EXPECT_EQ(known.find(almost), std::nullopt);
  known.add(almost, number(3));
  EXPECT_EQ(known.find(almost), number(3));
  EXPECT_EQ(known.find(number(1)), std::nullopt) << "a new one takes the place";
}

TEST(KnownRequests, AreBounded) {
  KnownRequests known;
  constexpr std::int64_t added = 2 * KnownRequests::entries_max;
  for (std::int64_t i = 0; i < added; ++i) known.add(number(i), number(-i));
  std::size_t kept = 0;
  for (std::int64_t i = 0; i < added; ++i) {
    const auto found = known.find(number(i));
    kept += found ? 1 : 0;
    ASSERT_EQ(found.value_or(number(-i)), number(-i));
  }
  EXPECT_LE(kept, KnownRequests::entries_max);
  EXPECT_GT(kept, KnownRequests::entries_max / 2);
}

TEST(KnownRequests, ManyThreadsGetTheirOwn) {
  KnownRequests known;
  std::vector<std::jthread> threads;
  for (std::int64_t thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&known, thread] {
      for (std::int64_t i = thread; i < 2000; i += 4) {
        known.add(number(i), number(-i));
        EXPECT_EQ(known.find(number(i / 2)).value_or(number(-(i / 2))), number(-(i / 2)));
      }
    });
  }
}

}  // namespace
}  // namespace fovea
