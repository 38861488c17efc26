// Keys: every field is framed, domains differ, and all 256 bits are kept.
#include "fovea/key.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>
#include <span>
#include <vector>

namespace fovea {
namespace {

template <typename... Fields>
Key key_of(const Fields&... fields) {
  KeyBuilder builder("test/1");
  (builder.field(fields), ...);
  return builder.finish();
}

// A change of these values makes every stored entry unfindable. Raise the domain's number instead of editing
// them.
TEST(Key, HasKnownValues) {
  EXPECT_EQ(KeyBuilder("").finish().hex(), "7f31207b6b43aba78e8c5d446676f6514acc311ca968b8389fc93897c67a921e");
  EXPECT_EQ(
      KeyBuilder("fovea/test/1").field("text").field(-1).field(std::uint64_t{7}).field(0.5).field(true).finish().hex(),
      "b65ebfe309b1cad5f96c1bcbd445add821dc9b3ed840b450211da917f7c2f72e");
}

// python/tests/core/keys_test.py has the same value.
TEST(Key, IsThatOfPython) {
  const Key key = KeyBuilder("fovea/test/2")
                      .field("text")
                      .field(-1)
                      .field(std::numeric_limits<std::uint64_t>::max())
                      .field(0.5)
                      .field(true)
                      .field(std::as_bytes(std::span("\0\xff", 2)))
                      .field(KeyBuilder("").finish())
                      .finish();
  EXPECT_EQ(key.hex(), "afa4dac2ed168c35269d34f2541d548ff887e65df062c8e1a4ee46c8c613ca88");
}

TEST(Key, KeepsAll256Bits_Incident2) {
  const Key key = key_of("a");
  for (std::size_t i = 0; i < key.bytes.size(); ++i) {
    Key other = key;
    other.bytes[i] ^= std::byte{1};
    EXPECT_NE(key, other) << "byte " << i;
    EXPECT_NE(key.hex(), other.hex()) << "byte " << i;
  }
}

// Keys that agree in the bits that a hash table uses are still different.
TEST(Key, EqualBucketBitsAreNotEqualKeys_Incident2) {
  const Key key = key_of("a");
  Key other = key;
  other.bytes.back() ^= std::byte{1};
  EXPECT_EQ(KeyHash{}(key), KeyHash{}(other));
  EXPECT_NE(key, other);
}

TEST(Key, FieldsAreFramed_Incident5) {
  EXPECT_NE(key_of("ab", "c"), key_of("a", "bc"));
  EXPECT_NE(key_of("abc"), key_of("a", "bc"));
  EXPECT_NE(key_of("a", ""), key_of("a"));
  EXPECT_NE(key_of("a", "b"), key_of("b", "a"));
}

TEST(Key, TheDomainIsNoField_Incident5) {
  EXPECT_NE(KeyBuilder("fovea/a/1").field("x").finish(), KeyBuilder("fovea/b/1").field("x").finish());
  EXPECT_NE(KeyBuilder("a").field("b").finish(), KeyBuilder("ab").finish());
}

TEST(Key, TypesAreApart_Incident5) {
  const std::byte one{1};
  const std::set<Key> keys{key_of("\1"), key_of(std::span(&one, 1)), key_of(1),   key_of(std::uint64_t{1}), key_of(1.0),
                           key_of(true), key_of(key_of("\1")),       key_of("1"), key_of(std::optional(1))};
  EXPECT_EQ(keys.size(), 9U);
}

TEST(Key, AbsentDiffersFromEveryPresentValue_Incident5) {
  const std::optional<std::int64_t> absent;
  EXPECT_NE(key_of(absent), key_of(std::optional<std::int64_t>(0)));
  EXPECT_NE(key_of(absent, std::optional<std::int64_t>(1)), key_of(std::optional<std::int64_t>(1), absent));
}

TEST(Key, NumbersThatCompareEqualGiveEqualKeys) {
  EXPECT_EQ(key_of(0.0), key_of(-0.0));
  EXPECT_NE(key_of(0.7), key_of(0.7f));
  EXPECT_EQ(key_of(7), key_of(std::int64_t{7}));
  EXPECT_NE(key_of(std::numeric_limits<std::int64_t>::min()), key_of(std::numeric_limits<std::int64_t>::max()));
}

TEST(Key, FinishDoesNotEndTheBuilder) {
  KeyBuilder builder("test/1");
  const Key before = builder.field("a").finish();
  EXPECT_EQ(builder.finish(), before);
  EXPECT_EQ(builder.field("b").finish(), key_of("a", "b"));
}

TEST(Key, HexRoundTrips) {
  const Key key = key_of("a");
  EXPECT_EQ(key.hex().size(), 64U);
  EXPECT_EQ(Key::from_hex(key.hex()), key);
}

TEST(Key, FromHexAcceptsNothingElse) {
  const std::string hex = key_of("a").hex();
  for (const std::string& text : {std::string(), hex.substr(1), hex + "0", "g" + hex.substr(1), " " + hex.substr(1)}) {
    EXPECT_EQ(Key::from_hex(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace fovea
