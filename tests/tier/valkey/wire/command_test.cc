#include "tier/valkey/wire/command.h"

#include <gtest/gtest.h>

#include <string>

#include "tier/valkey/slot_map.h"

namespace fovea::valkey {
namespace {

std::string text_of(const Command& command) {
  std::string text;
  for (const auto piece : command.pieces()) text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
  return text;
}

TEST(CommandTest, FramesItsWords) {
  const std::string binary("\r\n\0$", 4);
  const Command command = command_of(Expect::value, binary, {"GET", binary, ""});
  EXPECT_EQ(text_of(command), std::string("*3\r\n$3\r\nGET\r\n$4\r\n\r\n\0$\r\n$0\r\n\r\n", 29));
  EXPECT_EQ(command.slot, slot_of(binary));
  EXPECT_EQ(command.expects, Expect::value);
}

TEST(CommandTest, SetsAValueInTwoParts) {
  const std::string head = "head", body = "the body";
  const auto set = [&](std::chrono::milliseconds time) {
    return set_command("key", std::as_bytes(std::span(head)), std::as_bytes(std::span(body)), time);
  };
  EXPECT_EQ(text_of(set({})), "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$12\r\nheadthe body\r\n");
  EXPECT_EQ(text_of(set(std::chrono::milliseconds(1500))),
            "*5\r\n$3\r\nSET\r\n$3\r\nkey\r\n$12\r\nheadthe body\r\n$2\r\nPX\r\n$4\r\n1500\r\n");
  EXPECT_EQ(set({}).value[1].data(), reinterpret_cast<const std::byte*>(body.data())) << "borrowed";
  EXPECT_EQ(set({}).slot, slot_of("key"));
}

}  // namespace
}  // namespace fovea::valkey
