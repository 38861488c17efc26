#include "serve/http/connection/socket_input.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "serve/http/connection/socket_pair.h"

namespace fovea::serve {
namespace {

using Read = SocketInput::Read;

TEST(SocketInput, ReadsOnlyWhereThereIsSomething) {
  test::SocketPair pair;
  SocketInput input(pair.server());
  ASSERT_TRUE(pair.send("hello"));
  EXPECT_EQ(input.read(), Read::none) << "nobody said so";
  input.now_readable();
  EXPECT_EQ(input.read(), Read::some);
  EXPECT_EQ(input.bytes(), "hello");
  EXPECT_EQ(input.read(), Read::none);
  input.use(2);
  EXPECT_EQ(input.bytes(), "llo");
  input.drop();
  EXPECT_EQ(input.bytes(), "");
}

TEST(SocketInput, WhatIsThereComesBeforeTheSocket) {
  test::SocketPair pair;
  SocketInput input(pair.server());
  input.now_readable();
  ASSERT_TRUE(pair.send("abc"));
  ASSERT_EQ(input.read(), Read::some);
  ASSERT_TRUE(pair.send("def"));
  input.now_readable();
  std::array<char, 2> room{};
  std::size_t count = 0;
  std::string all;
  while (input.read_into(room, count) == Read::some) all.append(room.data(), count);
  EXPECT_EQ(all, "abcdef");
  EXPECT_EQ(input.bytes(), "");
}

TEST(SocketInput, SeesTheEndBehindTheBytes) {
  test::SocketPair pair;
  SocketInput input(pair.server());
  ASSERT_TRUE(pair.send("last"));
  pair.leave();
  input.now_readable();
  EXPECT_EQ(input.read(), Read::some);
  EXPECT_FALSE(input.ended());
  input.now_readable();
  EXPECT_EQ(input.read(), Read::ended);
  EXPECT_TRUE(input.ended());
  std::array<char, 10> room{};
  std::size_t count = 0;
  EXPECT_EQ(input.read_into(room, count), Read::some) << "what came before the end is still there";
  EXPECT_EQ(count, 4U);
  EXPECT_EQ(input.read_into(room, count), Read::ended);
  EXPECT_EQ(count, 0U);
}

}  // namespace
}  // namespace fovea::serve
