#include "tier/valkey/slot_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

namespace fovea::valkey {
namespace {

const Endpoint asked{"10.0.0.1", 7000};

Reply number(long long value) { return {.kind = Reply::Kind::integer, .integer = value}; }
Reply text(std::string_view value) { return {.kind = Reply::Kind::value, .bytes = Blob::copy_of(value)}; }
Reply list(std::vector<Reply> items) { return {.kind = Reply::Kind::array, .items = std::move(items)}; }
Reply node(std::string_view host, long long port) { return list({text(host), number(port), text("id"), list({})}); }
Reply range(long long first, long long last, Reply owner) {
  return list({number(first), number(last), std::move(owner)});
}

// The numbers that CLUSTER KEYSLOT gives.
TEST(SlotOfTest, IsCrc16OfTheKeyOrItsTag) {
  EXPECT_EQ(slot_of(""), 0);
  EXPECT_EQ(slot_of("123456789"), 12739);
  EXPECT_EQ(slot_of("foo"), 12182);
  EXPECT_EQ(slot_of("somekey"), 11058);
  EXPECT_EQ(slot_of("foo{hash_tag}"), slot_of("hash_tag"));
  EXPECT_EQ(slot_of("{user1000}.following"), slot_of("{user1000}.followers"));
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("foo{}{bar}"), slot_of(std::string("foo{}{bar}")));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar")) << "an empty tag is none";
  EXPECT_NE(slot_of("}foo{bar"), slot_of("bar"));
}

TEST(SlotMapTest, KnowsNobodyAtFirst) {
  const SlotMap map;
  EXPECT_FALSE(map.owner(0));
  EXPECT_FALSE(map.owner(16383));
  EXPECT_TRUE(map.nodes().empty());
}

TEST(SlotMapTest, TakesRangesAndTheirFirstNode) {
  const auto map =
      SlotMap::parse(list({list({number(0), number(99), node("10.0.0.2", 7001), node("10.0.0.9", 7009)}),
                           range(100, 16000, node("", 7002)), range(16001, 16001, list({Reply{}, number(7003)})),
                           range(16002, 16002, node("?", 7004)), range(16003, 16003, node("fd00::1", 7005))}),
                     asked);
  ASSERT_TRUE(map) << map.error();
  EXPECT_EQ(map->owner(0), (Endpoint{"10.0.0.2", 7001}));
  EXPECT_EQ(map->owner(99), (Endpoint{"10.0.0.2", 7001}));
  EXPECT_EQ(map->owner(100), (Endpoint{"10.0.0.1", 7002}));
  EXPECT_EQ(map->owner(16001), (Endpoint{"10.0.0.1", 7003}));
  EXPECT_EQ(map->owner(16002), (Endpoint{"10.0.0.1", 7004}));
  EXPECT_EQ(map->owner(16003), (Endpoint{"fd00::1", 7005}));
  EXPECT_FALSE(map->owner(16004));
  EXPECT_FALSE(map->owner(65535));
  EXPECT_EQ(map->nodes().size(), 5U);
}

TEST(SlotMapTest, RefusesWhatIsNoMap) {
  const Reply sound = node("h", 7000);
  const std::vector<Reply> wrong = {
      Reply{},
      number(3),
      text("slots"),
      list({}),
      list({number(0)}),
      list({list({number(0), number(1)})}),
      list({range(-1, 3, sound)}),
      list({range(0, 16384, sound)}),
      list({range(5, 4, sound)}),
      list({range(1LL << 62, 1LL << 62, sound)}),
      list({list({text("0"), text("1"), sound})}),
      list({range(0, 1, text("h:7000"))}),
      list({range(0, 1, list({}))}),
      list({range(0, 1, list({text("h")}))}),
      list({range(0, 1, list({text("h"), text("7000")}))}),
      list({range(0, 1, list({number(1), number(7000)}))}),
      list({range(0, 1, list({list({}), number(7000)}))}),
      list({range(0, 1, node("h", 0))}),
      list({range(0, 1, node("h", 65536))}),
      list({range(0, 1, node("h", -7000))}),
      list({range(0, 1, node("a b", 7000))}),
      list({range(0, 1, node(std::string(1000, 'h'), 7000))}),
      list({range(0, 1, node(std::string_view("h\0", 2), 7000))}),
      list({range(0, 1, sound), Reply{}}),
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) EXPECT_FALSE(SlotMap::parse(wrong[i], asked)) << i;
}

TEST(SlotMapTest, BoundsItsNodes) {
  std::vector<Reply> ranges;
  for (int i = 0; i < 1025; ++i) ranges.push_back(range(i, i, node("h", 1000 + i)));
  EXPECT_FALSE(SlotMap::parse(list(ranges), asked));
  ranges.pop_back();
  auto map = SlotMap::parse(list(ranges), asked);
  ASSERT_TRUE(map);
  map->set_owner(3, {"one more", 1});
  EXPECT_EQ(map->owner(3), (Endpoint{"h", 1003}));
  map->set_owner(3, {"h", 1004});
  EXPECT_EQ(map->owner(3), (Endpoint{"h", 1004}));
}

TEST(SlotMapTest, LearnsOneSlot) {
  SlotMap map;
  map.set_owner(7, {"h", 1});
  map.set_owner(16384, {"h", 2});
  EXPECT_EQ(map.owner(7), (Endpoint{"h", 1}));
  EXPECT_FALSE(map.owner(8));
  EXPECT_EQ(map.nodes().size(), 1U);
}

// Random trees of all kinds are a map or none, and nothing else happens.
TEST(SlotMapTest, TakesNoHarmFromRandomReplies) {
  std::mt19937 random(20261129);
  const std::function<Reply(int)> grow = [&](int depth) -> Reply {
    const auto choice = random() % (depth > 4 ? 4 : 8);
    if (choice == 0) return {};
    if (choice == 1) return number(static_cast<long long>(random() % 40'000) - 2000);
    if (choice == 2) return text(std::string(random() % 5, static_cast<char>('a' + random() % 26)));
    if (choice == 3) return number(static_cast<long long>(random() % 100));
    std::vector<Reply> items;
    for (auto i = random() % 5; i > 0; --i) items.push_back(grow(depth + 1));
    return list(std::move(items));
  };
  for (int i = 0; i < 20'000; ++i) {
    if (const auto map = SlotMap::parse(grow(0), asked)) {
      EXPECT_FALSE(map->nodes().empty());
      for (std::uint16_t slot = 0; slot < slots; slot = static_cast<std::uint16_t>(slot + 97)) map->owner(slot);
    }
  }
}

TEST(RedirectTest, IsReadFromSoundRepliesOnly) {
  EXPECT_EQ(parse_redirect("MOVED 3999 10.0.0.2:6381", asked), (Redirect{false, 3999, {"10.0.0.2", 6381}}));
  EXPECT_EQ(parse_redirect("ASK 0 ::1:6381", asked), (Redirect{true, 0, {"::1", 6381}}));
  EXPECT_EQ(parse_redirect("MOVED 16383 :6381", asked), (Redirect{false, 16383, {"10.0.0.1", 6381}}));
  for (const char* said : {"",
                           "MOVED",
                           "MOVED ",
                           "MOVED 1",
                           "MOVED 1 ",
                           "MOVED 1 h",
                           "MOVED 1 h:",
                           "MOVED 1 h:0",
                           "MOVED 1 h:65536",
                           "MOVED -1 h:1",
                           "MOVED 16384 h:1",
                           "MOVED 99999999999 h:1",
                           "MOVED x h:1",
                           "MOVED 1  h:1",
                           "MOVED 1 h h:1",
                           "MOVED 1 h\n:1",
                           "MOVEDX 1 h:1",
                           "moved 1 h:1",
                           "ASKING",
                           "ERR MOVED 1 h:1",
                           "MOVED 1 h:1 extra"})
    EXPECT_FALSE(parse_redirect(said, asked)) << said;
}

}  // namespace
}  // namespace fovea::valkey
