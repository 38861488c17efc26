// Prefix hashes are equal exactly where everything before is equal.
#include "engine/prefix_hash.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

PromptItem token(std::int32_t id) { return {.token = id, .tile = {}}; }
PromptItem tile(std::uint32_t image, std::uint32_t number) { return {.token = 0, .tile = TileRef{image, number}}; }

const Key root = KeyBuilder("root").finish();
const std::vector<Key> images = {KeyBuilder("cat").finish(), KeyBuilder("dog").finish()};

std::vector<Key> hashes_of(const std::vector<PromptItem>& items, const std::vector<Key>& image_keys = images) {
  return hash_prefixes(root, items, image_keys);
}

TEST(PrefixHash, AgreesUpToTheFirstDifference) {
  const auto one = hashes_of({token(1), tile(0, 0), tile(0, 1), token(2), token(3)});
  const auto other = hashes_of({token(1), tile(0, 0), tile(0, 1), token(4), token(3)});
  ASSERT_EQ(one.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(one[i], other[i]);
  EXPECT_NE(one[3], other[3]);
  EXPECT_NE(one[4], other[4]) << "an equal item behind a difference";
}

TEST(PrefixHash, Incident6AnImageIsItsContentNotItsPlace) {
  EXPECT_NE(hashes_of({tile(0, 0)}), hashes_of({tile(1, 0)}));
  EXPECT_EQ(hashes_of({tile(0, 0)}), hashes_of({tile(1, 0)}, {images[1], images[0]}));
  EXPECT_NE(hashes_of({tile(0, 0)}), hashes_of({tile(0, 1)}));
  EXPECT_NE(hashes_of({tile(0, 0), tile(1, 0)}).back(), hashes_of({tile(1, 0), tile(0, 0)}).back());
}

TEST(PrefixHash, NoTwoAreEqual) {
  const auto hashes = hashes_of({token(0), token(0), tile(0, 0), tile(0, 0), token(0)});
  EXPECT_EQ(std::set<Key>(hashes.begin(), hashes.end()).size(), hashes.size());
  EXPECT_NE(hashes_of({token(0)}), hashes_of({tile(0, 0)}, {Key{}}));
}

TEST(PrefixHash, AnotherRootSharesNothing) {
  EXPECT_NE(hash_prefixes(root, std::vector{token(1)}, {}), hash_prefixes(Key{}, std::vector{token(1)}, {}));
}

}  // namespace
}  // namespace fovea
