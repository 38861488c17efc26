// Links of a prefix chain agree exactly where everything before agrees.
#include "engine/prefix_hash.h"

#include <gtest/gtest.h>

#include <set>

namespace fovea {
namespace {

PromptItem token(std::int32_t id) { return {.token = id, .tile = {}}; }
PromptItem tile(std::uint32_t image, std::uint32_t number) { return {.token = 0, .tile = TileRef{image, number}}; }

const Key root = KeyBuilder("root").finish();
const std::vector<Key> pictures = {KeyBuilder("cat").finish(), KeyBuilder("dog").finish()};

std::vector<Key> prefix_hashes(const std::vector<PromptItem>& items, const std::vector<Key>& images = pictures) {
  return hash_prefixes(root, items, images);
}

TEST(PrefixChain, AgreesUpToTheFirstDifference) {
  const auto one = prefix_hashes({token(1), tile(0, 0), tile(0, 1), token(2), token(3)});
  const auto other = prefix_hashes({token(1), tile(0, 0), tile(0, 1), token(4), token(3)});
  ASSERT_EQ(one.size(), 5u);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(one[i], other[i]);
  EXPECT_NE(one[3], other[3]);
  EXPECT_NE(one[4], other[4]) << "an equal item behind a difference";
}

TEST(PrefixChain, Incident6APictureIsItsContentNotItsPlace) {
  EXPECT_NE(prefix_hashes({tile(0, 0)}), prefix_hashes({tile(1, 0)}));
  EXPECT_EQ(prefix_hashes({tile(0, 0)}), prefix_hashes({tile(1, 0)}, {pictures[1], pictures[0]}));
  EXPECT_NE(prefix_hashes({tile(0, 0)}), prefix_hashes({tile(0, 1)}));
  EXPECT_NE(prefix_hashes({tile(0, 0), tile(1, 0)}).back(), prefix_hashes({tile(1, 0), tile(0, 0)}).back());
}

TEST(PrefixChain, NoTwoLinksAreEqual) {
  const auto links = prefix_hashes({token(0), token(0), tile(0, 0), tile(0, 0), token(0)});
  EXPECT_EQ(std::set<Key>(links.begin(), links.end()).size(), links.size());
  EXPECT_NE(prefix_hashes({token(0)}), prefix_hashes({tile(0, 0)}, {Key{}}));
}

TEST(PrefixChain, AnotherRootSharesNothing) {
  EXPECT_NE(hash_prefixes(root, std::vector{token(1)}, {}), hash_prefixes(Key{}, std::vector{token(1)}, {}));
}

}  // namespace
}  // namespace fovea
