#include "tier/valkey/purge_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/digest.h"
#include "store/byte_io.h"
#include "store/manual_clock.h"
#include "tier/valkey/tier_entries.h"
#include "tier/valkey/valkey_server.h"

namespace fovea::valkey {
namespace {

using test::key_named;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* stream_name = "fovea:1:{purges}";
const SealKey fleet_key{std::byte{1}}, other_key{std::byte{2}};
const PurgeLabel tenant{.tenant = key_named("tenant"), .image = {}};
const PurgeLabel image{.tenant = key_named("tenant"), .image = key_named("image")};
const PurgeLabel file{.tenant = key_named("tenant"), .image = key_named("file"), .is_file = true};

Until soon() { return Until::of({}, 5s); }

TEST(SealedPurgeTest, IsOpenedByItsKeysAlone) {
  for (const SealKey* key : {static_cast<const SealKey*>(nullptr), &fleet_key}) {
    for (const auto& label : {std::optional(tenant), std::optional(image), std::optional(file),
                              std::optional(PurgeLabel::of_everything()), std::optional<PurgeLabel>()}) {
      const auto sealed = seal_purge(label, 7, key);
      EXPECT_EQ(sealed.size(), 120u);
      const std::vector<SealKey> keys = {other_key, fleet_key};
      const auto opened = key != nullptr ? open_purge(sealed, keys) : open_purge(sealed);
      ASSERT_TRUE(opened);
      EXPECT_EQ(opened->label, label);
      EXPECT_EQ(opened->origin, 7u);
      EXPECT_FALSE(open_purge(sealed, std::span(&other_key, 1)));
      EXPECT_FALSE(key != nullptr ? open_purge(sealed) : open_purge(sealed, keys));
    }
  }
}

// docs/format.md.
TEST(SealedPurgeTest, LiesAsTheFormatSays) {
  const auto sealed = seal_purge(image, 0x0807'0605'0403'0201, &fleet_key);
  ByteWriter expected;
  expected.bytes(std::as_bytes(std::span("FOVEAPRG", 8))).u8(1).u8(2).bytes(std::vector<std::byte>(6));
  for (std::uint8_t byte = 1; byte <= 8; ++byte) expected.u8(byte);
  expected.key(image.tenant).key(*image.image);
  expected.bytes(keyed_digest(fleet_key, {expected.written()}));
  EXPECT_TRUE(std::ranges::equal(sealed, expected.written()));
  EXPECT_EQ(seal_purge(tenant, 0, nullptr)[9], std::byte{1});
  EXPECT_EQ(seal_purge(PurgeLabel::of_everything(), 0, nullptr)[9], std::byte{3});
  EXPECT_EQ(seal_purge(file, 0, nullptr)[9], std::byte{4});
  EXPECT_EQ(seal_purge({}, 0, nullptr)[9], std::byte{0});
}

// A later program's purge of another kind: nobody here knows how much it is.
TEST(SealedPurgeTest, OfAnUnknownKindIsOfEverythingAndOfAnUnknownVersionIsNone) {
  const auto resealed = [](std::size_t at, int value) {
    auto bytes = seal_purge(tenant, 7, nullptr);
    bytes[at] = static_cast<std::byte>(value);
    const Digest seal = digest({std::span(bytes).first(88)});
    std::ranges::copy(seal, bytes.begin() + 88);
    return open_purge(bytes);
  };
  ASSERT_TRUE(resealed(9, 5));
  EXPECT_EQ(resealed(9, 5)->label, PurgeLabel::of_everything());
  EXPECT_FALSE(resealed(8, 2));
  EXPECT_FALSE(resealed(0, 'X'));
}

TEST(SealedPurgeTest, AnyChangedBitIsNoticed) {
  auto sealed = seal_purge(image, 7, &fleet_key);
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    sealed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    EXPECT_FALSE(open_purge(sealed, std::span(&fleet_key, 1))) << bit;
    sealed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  }
  EXPECT_FALSE(open_purge(std::span(sealed).first(sealed.size() - 1), std::span(&fleet_key, 1)));
  EXPECT_FALSE(open_purge({}, std::span(&fleet_key, 1)));
}

// Two processes on one server.
class PurgeStreamTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server = std::make_unique<test::ValkeyServer>(); }
  static void TearDownTestSuite() { server.reset(); }
  void SetUp() override { server->ask({"FLUSHALL"}); }

  static std::string end_of(PurgeStream& stream) {
    const auto news = stream.after("", {});
    EXPECT_TRUE(news && news->labels.empty() && !news->lost && !news->more);
    return news ? news->position : "";
  }
  static PurgeLog::News after(PurgeStream& stream, std::string_view position) {
    const auto news = stream.after(position, {});
    EXPECT_TRUE(news) << news.error().message;
    return news.value_or(PurgeLog::News{});
  }

  static std::unique_ptr<test::ValkeyServer> server;
  Client client{{{"127.0.0.1", server->port()}}, Dial{.value_bytes_max = 1000}};
  PurgeStream here{client, {fleet_key}}, there{client, {fleet_key}};
};

std::unique_ptr<test::ValkeyServer> PurgeStreamTest::server;

TEST_F(PurgeStreamTest, TellsWhatOthersAppendedSince) {
  const std::string begin = end_of(here);
  EXPECT_THAT(after(here, begin).labels, IsEmpty());
  EXPECT_EQ(after(here, begin).position, begin);
  ASSERT_TRUE(there.append(std::vector{tenant, image}, soon()));
  ASSERT_TRUE(here.append(std::vector{PurgeLabel::of_everything()}, soon()));
  const auto news = after(here, begin);
  EXPECT_THAT(news.labels, ElementsAre(tenant, image)) << "its own are left out";
  EXPECT_FALSE(news.lost || news.more);
  EXPECT_THAT(after(here, news.position).labels, IsEmpty());
  EXPECT_THAT(after(there, begin).labels, ElementsAre(PurgeLabel::of_everything()));
  EXPECT_EQ(end_of(here), news.position) << "who comes now begins at its end";
}

TEST_F(PurgeStreamTest, IsReadPageByPage) {
  std::string position = end_of(here);
  const std::vector<PurgeLabel> many(PurgeStream::page_entries + 44, tenant);
  ASSERT_TRUE(there.append(many, soon()));
  const auto first = after(here, position);
  EXPECT_TRUE(first.more);
  const auto second = after(here, first.position);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(first.labels.size() + second.labels.size(), many.size());
}

TEST_F(PurgeStreamTest, APositionThatIsGoneIsLost) {
  const std::string begin = end_of(here);
  ASSERT_TRUE(there.append(std::vector{tenant, tenant}, soon()));
  server->ask({"XTRIM", stream_name, "MAXLEN", "1"});
  PurgeStream begun(client, {fleet_key});
  const auto news = after(begun, begin);
  EXPECT_TRUE(news.lost);
  EXPECT_THAT(news.labels, IsEmpty());
  EXPECT_FALSE(after(begun, news.position).lost);
  EXPECT_TRUE(after(here, "1-1").lost) << "of another server";
}

// Each restart of a server that keeps nothing empties it.
TEST_F(PurgeStreamTest, WhoFollowsLosesNothingWhenTheServerIsEmptied) {
  server->ask({"XADD", stream_name, "1-1", "p", "x"});  // long ago: ids are times, and a test is quick
  std::string position = end_of(here);
  const std::string theirs = end_of(there);
  ASSERT_TRUE(there.append(std::vector{tenant, image, tenant}, soon()));
  ASSERT_TRUE(here.append(std::vector{PurgeLabel::of_everything()}, soon()));
  server->ask({"FLUSHALL"});
  auto news = after(here, position);
  EXPECT_FALSE(news.lost);
  EXPECT_THAT(news.labels, IsEmpty()) << "the other has not noticed yet";
  position = news.position;
  const auto others = after(there, theirs);
  EXPECT_FALSE(others.lost);
  EXPECT_THAT(others.labels, ElementsAre(PurgeLabel::of_everything()));
  news = after(here, position);
  EXPECT_FALSE(news.lost);
  EXPECT_THAT(news.labels, ElementsAre(image, tenant)) << "each once";
  EXPECT_THAT(after(here, news.position).labels, IsEmpty());
}

// Each of them appends again what it appended lately. What is older is in nobody's way.
TEST_F(PurgeStreamTest, AHundredWhoFollowLoseNothingWhenTheServerIsEmptied) {
  constexpr std::size_t nodes = 100, old = 150, late = 20;
  test::ManualClock clock;
  std::vector<std::unique_ptr<PurgeStream>> streams;
  std::vector<std::string> positions;
  const auto labels_of = [](std::size_t node, std::size_t count) {
    std::vector<PurgeLabel> labels;
    for (std::size_t i = 0; i < count; ++i)
      labels.push_back({.tenant = key_named(std::to_string(node)), .image = key_named(std::to_string(i))});
    return labels;
  };
  const auto look = [&](std::size_t node) {
    PurgeLog::News all;
    do {
      auto news = after(*streams[node], positions[node]);
      EXPECT_FALSE(news.lost) << node;
      all.labels.insert(all.labels.end(), news.labels.begin(), news.labels.end());
      positions[node] = news.position;
      all.more = news.more;
    } while (all.more);
    return all.labels.size();
  };
  for (std::size_t node = 0; node < nodes; ++node) {
    streams.push_back(std::make_unique<PurgeStream>(client, std::vector{fleet_key}, clock));
    ASSERT_TRUE(streams[node]->append(labels_of(node, old), soon()));
  }
  for (const auto& stream : streams) positions.push_back(end_of(*stream));
  clock.pass(2.0 * 3600 * 1000);
  for (std::size_t node = 0; node < nodes; ++node) look(node);
  for (std::size_t node = 0; node < nodes; ++node) ASSERT_TRUE(streams[node]->append(labels_of(node, late), soon()));
  server->ask({"FLUSHALL"});
  clock.pass(59.0 * 60 * 1000);  // so long the server is away
  std::vector<std::size_t> told;
  for (std::size_t node = 0; node < nodes; ++node) told.push_back(look(node));
  for (std::size_t node = 0; node < nodes; ++node) {
    told[node] += look(node);
    EXPECT_EQ(told[node], (nodes - 1) * late) << node;
  }
}

TEST_F(PurgeStreamTest, WhoWasAwayForAnHourCannotTellWhatWasInAServerThatIsEmptied) {
  test::ManualClock clock;
  PurgeStream away(client, {fleet_key}, clock);
  server->ask({"XADD", stream_name, "1-1", "p", "x"});
  std::string position = end_of(away);
  server->ask({"FLUSHALL"});
  clock.pass(61.0 * 60 * 1000);
  EXPECT_TRUE(after(away, position).lost);
}

TEST_F(PurgeStreamTest, WhoHadNotReadAllCannotTellWhatWasInAServerThatIsEmptied) {
  const std::string begin = end_of(here);
  ASSERT_TRUE(there.append(std::vector(PurgeStream::page_entries + 44, tenant), soon()));
  const auto first = after(here, begin);
  ASSERT_TRUE(first.more);
  server->ask({"FLUSHALL"});
  EXPECT_TRUE(after(here, first.position).lost);
}

TEST_F(PurgeStreamTest, WhoHasBegunSinceCannotTellWhatWasInAServerThatIsEmptied) {
  server->ask({"XADD", stream_name, "1-1", "p", "x"});
  const std::string position = end_of(here);
  ASSERT_TRUE(there.append(std::vector{tenant}, soon()));
  server->ask({"FLUSHALL"});
  PurgeStream begun(client, {fleet_key});
  EXPECT_TRUE(after(begun, position).lost);
}

TEST_F(PurgeStreamTest, WhereMoreWasAppendedThanIsKeptItIsLost) {
  const std::string position = end_of(here);
  const std::vector<PurgeLabel> many(1000, tenant);
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(there.append(many, soon()));
  EXPECT_TRUE(after(here, position).lost);
}

TEST_F(PurgeStreamTest, IsBounded) {
  const std::vector<PurgeLabel> many(1000, tenant);
  for (int i = 0; i < 12; ++i) ASSERT_TRUE(there.append(many, soon()));
  const long length = std::stol(server->ask({"XLEN", stream_name}));
  EXPECT_GE(length, static_cast<long>(PurgeStream::entries_kept));
  EXPECT_LT(length, static_cast<long>(PurgeStream::entries_kept) + 500);
}

TEST_F(PurgeStreamTest, WhatProvesNothingPurgesNothing) {
  const std::string begin = end_of(here);
  PurgeStream stranger(client, {other_key});
  ASSERT_TRUE(stranger.append(std::vector{PurgeLabel::of_everything()}, soon()));
  server->ask({"XADD", stream_name, "*", "p", "nonsense"});
  server->ask({"XADD", stream_name, "*", "another", ""});
  ASSERT_TRUE(there.append(std::vector{image}, soon()));
  const auto news = after(here, begin);
  EXPECT_THAT(news.labels, ElementsAre(image));
  EXPECT_FALSE(news.lost);
}

TEST_F(PurgeStreamTest, WhatIsNoStreamIsAFault) {
  const std::string begin = end_of(here);
  server->ask({"SET", stream_name, "x"});
  EXPECT_FALSE(here.after(begin, {}));
  EXPECT_FALSE(here.after("", {}));
  EXPECT_FALSE(there.append(std::vector{tenant}, soon()));
}

}  // namespace
}  // namespace fovea::valkey
