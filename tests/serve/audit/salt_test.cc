#include "serve/audit/salt.h"

#include <gtest/gtest.h>

#include <bit>

namespace fovea::serve {
namespace {

constexpr std::uint64_t look = 0x0123456789abcdef;

AuditedRequest example() {
  AuditedRequest request{.client = "web", .route = "/v1/messages", .model = "m", .settings_hash = 1};
  request.parts = {{.bytes = 10, .hash = 2, .masked_hash = 3},
                   {.kind = PartKind::image, .picture = 0, .hash = 4, .masked_hash = 2}};
  request.pictures = {{.source_hash = 4, .image_hash = 5, .look = look}};
  request.prefix_hashes = {2, 6};
  request.tile_hashes = {7};
  return request;
}

Key key_of(std::byte first) {
  Key key;
  key.bytes[0] = first;
  return key;
}

TEST(Salt, EqualHashesStayEqualUnderOneSecret) {
  AuditedRequest one = example(), two = example();
  salt(one, key_of(std::byte{1}));
  salt(two, key_of(std::byte{1}));
  EXPECT_EQ(one.parts[0].hash, two.parts[0].hash);
  EXPECT_EQ(one.parts[0].hash, one.prefix_hashes[0]) << "a text that is the beginning of another one";
  EXPECT_EQ(one.parts[0].hash, one.parts[1].masked_hash);
  EXPECT_EQ(one.parts[1].hash, one.pictures[0].source_hash);
  EXPECT_NE(one.parts[0].hash, one.parts[0].masked_hash);
  EXPECT_EQ(one.client, "web");
  EXPECT_EQ(one.parts[0].bytes, 10u);
}

TEST(Salt, NoHashIsAsItWasAndTwoSecretsHaveNoneInCommon) {
  const AuditedRequest plain = example();
  AuditedRequest one = example(), two = example();
  salt(one, key_of(std::byte{1}));
  salt(two, key_of(std::byte{2}));
  const auto differ = [](std::uint64_t a, std::uint64_t b, std::uint64_t c) { return a != b && b != c && a != c; };
  EXPECT_TRUE(differ(plain.settings_hash, one.settings_hash, two.settings_hash));
  for (std::size_t i = 0; i < plain.parts.size(); ++i) {
    EXPECT_TRUE(differ(plain.parts[i].hash, one.parts[i].hash, two.parts[i].hash));
    EXPECT_TRUE(differ(plain.parts[i].masked_hash, one.parts[i].masked_hash, two.parts[i].masked_hash));
  }
  EXPECT_TRUE(differ(plain.pictures[0].source_hash, one.pictures[0].source_hash, two.pictures[0].source_hash));
  EXPECT_TRUE(differ(*plain.pictures[0].image_hash, *one.pictures[0].image_hash, *two.pictures[0].image_hash));
  EXPECT_TRUE(differ(*plain.pictures[0].look, *one.pictures[0].look, *two.pictures[0].look));
  EXPECT_TRUE(differ(plain.prefix_hashes[1], one.prefix_hashes[1], two.prefix_hashes[1]));
  EXPECT_TRUE(differ(plain.tile_hashes[0], one.tile_hashes[0], two.tile_hashes[0]));
}

TEST(Salt, LooksStayAsFarApartAsTheyWere) {
  AuditedRequest one = example(), two = example();
  two.pictures[0].look = look ^ 0b10110;
  salt(one, key_of(std::byte{1}));
  salt(two, key_of(std::byte{1}));
  EXPECT_EQ(std::popcount(*one.pictures[0].look ^ *two.pictures[0].look), 3);
}

TEST(Salt, LooksOfBlankPicturesAreLeftOut) {
  for (const std::uint64_t blank : {std::uint64_t{0}, ~std::uint64_t{0}, std::uint64_t{0x7f}}) {
    AuditedRequest request = example();
    request.pictures[0].look = blank;
    salt(request, key_of(std::byte{1}));
    EXPECT_FALSE(request.pictures[0].look);
  }
}

TEST(Salt, WhatIsAbsentStaysAbsent) {
  AuditedRequest request = example();
  request.pictures[0].image_hash.reset();
  request.pictures[0].look.reset();
  salt(request, Key{});
  EXPECT_FALSE(request.pictures[0].image_hash || request.pictures[0].look);
}

}  // namespace
}  // namespace fovea::serve
