#include "tier/valkey/generations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <format>
#include <thread>

#include "tier/valkey/lying_server.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using test::key_named;
using namespace std::chrono_literals;

Until soon() { return Until::of({}, 5s); }

class GenerationsTest : public testing::Test {
 protected:
  test::ValkeyServer server;
  Client client{{{"127.0.0.1", server.port()}}, Dial{.value_bytes_max = 1000}};
  GenerationTable table{client};
};

TEST(GenerationTextTest, HasSixteenDigits) {
  EXPECT_EQ(digits_of(0), "0000000000000000");
  EXPECT_EQ(digits_of(0xfedc'ba98'7654'3210), "fedcba9876543210");
  EXPECT_EQ(number_of("fedcba9876543210"), 0xfedc'ba98'7654'3210);
  for (const char* text :
       {"", "0", "fedcba987654321", "fedcba98765432100", "fedcba987654321g", "+edcba9876543210", " edcba9876543210"})
    EXPECT_FALSE(number_of(text)) << text;
}

TEST(GenerationTextTest, LabelsTellApart) {
  const Key tenant = key_named("tenant"), image = key_named("image");
  EXPECT_NE(generation_label(tenant), tenant);
  EXPECT_NE(generation_label(tenant), generation_label(image));
  EXPECT_NE(generation_label(tenant, image), generation_label(image, tenant));
  EXPECT_NE(random_number(), random_number());
}

TEST_F(GenerationsTest, AreDrawnOnceAndThenStay) {
  const std::vector<Key> labels = {key_named("a"), key_named("b"), key_named("a")};
  const auto first = table.read_or_draw(labels, soon());
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ((*first)[0], (*first)[2]);
  EXPECT_NE((*first)[0], (*first)[1]);
  EXPECT_EQ(table.read_or_draw(labels, soon()).value(), *first);
}

TEST_F(GenerationsTest, AreRenewedForAll) {
  const std::vector<Key> labels = {key_named("a"), key_named("b")};
  const auto before = table.read_or_draw(labels, soon()).value();
  ASSERT_TRUE(table.renew(labels[0], soon()));
  const auto after = table.read_or_draw(labels, soon()).value();
  EXPECT_NE(after[0], before[0]);
  EXPECT_EQ(after[1], before[1]);
}

TEST_F(GenerationsTest, AreAllPurged) {
  std::vector<Key> labels;
  for (int i = 0; i < 2500; ++i) labels.push_back(key_named(std::to_string(i)));
  const auto before = table.read_or_draw(labels, soon()).value();
  server.ask({"SET", "fovea:1:1:another", "x"});
  const auto purged = table.purge_all(soon());
  ASSERT_TRUE(purged) << purged.error().message;
  EXPECT_EQ(server.ask({"GET", "fovea:1:1:another"}), "x");
  const auto after = table.read_or_draw(labels, soon()).value();
  for (std::size_t i = 0; i < labels.size(); ++i) EXPECT_NE(before[i], after[i]) << i;
}

TEST_F(GenerationsTest, WritersThatDrawAtTheSameTimeAgree) {
  const std::vector<Key> labels = {key_named("a"), key_named("b"), key_named("c")};
  std::vector<std::vector<std::uint64_t>> drawn(8);
  {
    std::vector<std::jthread> writers;
    for (auto& mine : drawn)
      writers.emplace_back([&] { mine = table.read_or_draw(labels, soon()).value_or(std::vector<std::uint64_t>()); });
  }
  EXPECT_EQ(drawn[0].size(), labels.size());
  EXPECT_TRUE(std::ranges::all_of(drawn, [&](const auto& one) { return one == drawn[0]; }));
}

// Two nodes of a cluster, in which a slot moves to the first when that was looked through.
class MovingSlotTest : public testing::Test {
 protected:
  std::string node(const test::LyingServer& server, int from, int to) const {
    return std::format("*3\r\n:{}\r\n:{}\r\n*2\r\n$9\r\n127.0.0.1\r\n:{}\r\n", from, to, server.port());
  }
  std::string answer(const std::vector<std::string>& words, bool is_first) {
    if (words[0] == "GET") return "$-1\r\n";
    if (words[0] == "SCAN") {
      looks += is_first ? 1 : 0;
      if (moves && !is_first) moved = true;
      return "*2\r\n$1\r\n0\r\n*0\r\n";
    }
    const int end = moved ? 9000 : 8000;
    return "*2\r\n" + node(first, 0, end) + node(second, end + 1, 16383);
  }
  Result<void> purge_all() {
    Client client({{"127.0.0.1", first.port()}, {"127.0.0.1", second.port()}}, Dial{.value_bytes_max = 1000});
    return GenerationTable(client).purge_all(soon());
  }

  std::atomic<bool> moves = false, moved = false;
  std::atomic<int> looks = 0;
  test::LyingServer first{test::LyingServer::replying([&](const auto& words) { return answer(words, true); })};
  test::LyingServer second{test::LyingServer::replying([&](const auto& words) { return answer(words, false); })};
};

TEST_F(MovingSlotTest, WhereASlotMovesEverythingHasToBePurgedAgain) {
  moves = true;
  const auto purged = purge_all();
  ASSERT_FALSE(purged) << "the numbers of what moved are there";
  EXPECT_EQ(purged.error().fault, Fault::unavailable);
  EXPECT_TRUE(purge_all()) << "nothing moves any more";
}

TEST_F(MovingSlotTest, EachServerIsLookedThroughTwiceForWhatIsOnItsWay) {
  const auto purged = purge_all();
  ASSERT_TRUE(purged) << purged.error().message;
  EXPECT_EQ(looks, 2);
}

}  // namespace
}  // namespace fovea::valkey
