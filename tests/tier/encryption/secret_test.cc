#include "tier/encryption/secret.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace fovea {
namespace {

TEST(SecretTest, IsDrawnAnewEachTime) {
  const Secret one = Secret::drawn(), other = Secret::drawn();
  EXPECT_FALSE(one == other);
  EXPECT_TRUE(one == Secret(one.bytes()));
}

TEST(SecretTest, IsWipedWhenItIsDestroyed) {
  alignas(Secret) std::array<std::byte, sizeof(Secret)> memory;
  auto* secret = new (memory.data()) Secret(Secret::drawn());
  EXPECT_FALSE(std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{}; }));
  secret->~Secret();
  EXPECT_TRUE(std::ranges::all_of(memory, [](std::byte byte) { return byte == std::byte{}; }));
}

}  // namespace
}  // namespace fovea
