// The reader gets what servers send in pieces of every size. What lies in the bytes is in
// lying_server_test.cc, too.
#include "tier/valkey/wire/reply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>

namespace fovea::valkey {
namespace {

using testing::HasSubstr;

constexpr std::size_t value_bytes_max = 1 << 20;

// Gives `text` to the reader in pieces of `piece` bytes at most.
Result<std::vector<Reply>> read(ReplyReader& reader, std::string_view text, std::size_t piece) {
  std::vector<Reply> replies;
  while (!text.empty()) {
    const auto room = reader.room();
    EXPECT_FALSE(room.empty());
    const std::size_t bytes = std::min({piece, room.size(), text.size()});
    std::ranges::copy(std::as_bytes(std::span(text.substr(0, bytes))), room.begin());
    text.remove_prefix(bytes);
    if (auto filled = reader.filled(bytes, replies); !filled) return std::unexpected(filled.error());
  }
  return replies;
}

std::string bulk(std::string_view text) {
  return "$" + std::to_string(text.size()) + "\r\n" + std::string(text) + "\r\n";
}

std::string random_text(std::size_t bytes) {
  std::mt19937 random(static_cast<unsigned>(bytes));
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

TEST(ReplyTest, ReadsEveryKindInPiecesOfEverySize) {
  const std::vector<std::string> values = {
      "", "a", "\r\n", random_text(40), random_text(32 << 10), random_text(100'000), random_text(value_bytes_max)};
  std::string text = "+OK\r\n:-7\r\n$-1\r\n-ERR no\r\n*0\r\n*-1\r\n*2\r\n*2\r\n:1\r\n$2\r\nab\r\n$-1\r\n";
  for (const std::string& value : values) text += bulk(value) + bulk(value) + ":1\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{17}, std::size_t{4096},
                                  std::size_t{65536}, std::size_t{1} << 30}) {
    ReplyReader reader(value_bytes_max);
    EXPECT_TRUE(reader.is_between_replies());
    const auto replies = read(reader, text, piece);
    ASSERT_TRUE(replies) << replies.error().message;
    EXPECT_TRUE(reader.is_between_replies());
    ASSERT_EQ(replies->size(), 7 + 3 * values.size());
    const auto& all = *replies;
    EXPECT_EQ(all[0].kind, Reply::Kind::status);
    EXPECT_EQ(all[0].text(), "OK");
    EXPECT_EQ(all[1].integer, -7);
    EXPECT_EQ(all[2].kind, Reply::Kind::nil);
    EXPECT_EQ(all[3].kind, Reply::Kind::error);
    EXPECT_EQ(all[3].text(), "ERR no");
    EXPECT_EQ(all[4].kind, Reply::Kind::array);
    EXPECT_EQ(all[5].kind, Reply::Kind::nil);
    ASSERT_EQ(all[6].items.size(), 2U);
    EXPECT_EQ(all[6].items[0].items[0].integer, 1);
    EXPECT_EQ(all[6].items[0].items[1].text(), "ab");
    EXPECT_EQ(all[6].items[1].kind, Reply::Kind::nil);
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (const std::size_t at : {7 + 3 * i, 8 + 3 * i}) {
        EXPECT_EQ(all[at].kind, Reply::Kind::value);
        EXPECT_TRUE(all[at].text() == values[i]) << values[i].size() << " in pieces of " << piece;
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all[at].bytes.bytes().data()) % 64, 0U);
      }
      EXPECT_EQ(all[9 + 3 * i].integer, 1);
    }
  }
}

TEST(ReplyTest, ReadsALargeValueToWhereItStays) {
  ReplyReader reader(value_bytes_max);
  std::vector<Reply> replies;
  const std::string header = "$1000000\r\nabc";
  std::ranges::copy(std::as_bytes(std::span(header)), reader.room().begin());
  ASSERT_TRUE(reader.filled(header.size(), replies));
  EXPECT_FALSE(reader.is_between_replies());
  EXPECT_EQ(reader.room().size(), 1'000'000U - 3);
}

TEST(ReplyTest, RefusesALengthBeforeTheValueComes) {
  for (const char* text : {"$1048577\r\n", "$4294967296\r\n", "*1\r\n$70000\r\n"}) {
    ReplyReader reader(value_bytes_max);
    const auto replies = read(reader, text, 1);
    ASSERT_FALSE(replies) << text;
    EXPECT_EQ(replies.error().fault, Fault::corrupt);
  }
  ReplyReader reader(value_bytes_max);
  EXPECT_TRUE(read(reader, "$1048576\r\n", 1));
}

// How much of an array is taken whose elements are all `element`; nullopt where that is all of it.
std::optional<std::size_t> taken_of_array(ReplyReader& reader, std::size_t elements, const std::string& element) {
  if (!read(reader, "*" + std::to_string(elements) + "\r\n", 100)) return 0;
  for (std::size_t i = 0; i < elements; ++i) {
    if (!read(reader, element, std::size_t{1} << 30)) return i;
  }
  return std::nullopt;
}

TEST(ReplyTest, RefusesAnArrayThatIsTooLargeAltogether) {
  ReplyReader reader(value_bytes_max);
  const std::string large = bulk(std::string(60'000, 'x'));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(taken_of_array(reader, 500, large)) << "30 MB, each for itself";
  const auto taken = taken_of_array(reader, 65'536, large);
  ASSERT_TRUE(taken) << "4 GB";
  EXPECT_LE(*taken, ReplyReader::array_bytes_max / 60'000);
  EXPECT_GT(*taken, 1000u);

  std::string numbers = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) numbers += ":1\r\n";
  ReplyReader other(value_bytes_max);
  const auto arrays = taken_of_array(other, 65'536, numbers);
  ASSERT_TRUE(arrays) << "few bytes that take many";
  EXPECT_LE(*arrays, ReplyReader::array_bytes_max / (1000 * sizeof(Reply)));
}

TEST(ReplyTest, RefusesWhatIsNoReply) {
  std::string deep;
  for (int i = 0; i < 20; ++i) deep += "*1\r\n";
  const std::vector<std::string> wrong = {"x",
                                          "\r\n",
                                          "$x\r\n",
                                          "$-2\r\n",
                                          ":\r\n",
                                          ":1x\r\n",
                                          "*x\r\n",
                                          "*65537\r\n",
                                          deep,
                                          "$" + std::string(40, '1'),
                                          "+" + std::string(70'000, 'x'),
                                          "$100000\r\n" + std::string(100'002, 'x')};
  for (const std::string& text : wrong) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1} << 30}) {
      ReplyReader reader(value_bytes_max);
      EXPECT_FALSE(read(reader, text, piece)) << text.substr(0, 20) << " in pieces of " << piece;
    }
  }
}

TEST(ReplyTest, TakesNoHarmFromRandomBytes) {
  std::mt19937 random(20261129);
  constexpr std::string_view letters = "$*:+-_#,(!=%~>0123456789\r\n\r\n\r\nx";
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto left = random() % 60; left > 0; --left) text += letters[random() % letters.size()];
    ReplyReader reader(1000);
    const auto replies = read(reader, text, 1 + random() % 9);
    EXPECT_TRUE(replies || replies.error().fault == Fault::corrupt);
  }
}

}  // namespace
}  // namespace fovea::valkey
