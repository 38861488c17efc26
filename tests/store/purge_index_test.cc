#include "store/purge_index.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

namespace fovea {
namespace {

Key key(std::string_view kind, int number) { return KeyBuilder(kind).field(number).finish(); }

TEST(PurgeIndex, FindsWhatATenantStoredAndWhatOfItIsOfAnImage) {
  PurgeIndex index;
  const Key alice = key("tenant", 1), bob = key("tenant", 2), red = key("image", 1), blue = key("image", 2);
  index.add(key("entry", 1), alice, std::array{red});
  index.add(key("entry", 2), alice, std::array{red, blue});
  index.add(key("entry", 3), bob, std::array{red});
  EXPECT_EQ(index.of(alice).size(), 2u);
  EXPECT_EQ(index.of(alice, red).size(), 2u);
  EXPECT_EQ(index.of(alice, blue), std::vector{key("entry", 2)});
  EXPECT_EQ(index.of(bob, red), std::vector{key("entry", 3)});
  EXPECT_TRUE(index.of(bob, blue).empty());
  ASSERT_NE(index.labels_of(key("entry", 2)), nullptr);
  EXPECT_EQ(index.labels_of(key("entry", 2))->tenant, alice);
  EXPECT_EQ(index.labels_of(key("entry", 2))->images, (std::vector{red, blue}));
  index.remove(key("entry", 2));
  EXPECT_EQ(index.labels_of(key("entry", 2)), nullptr);
  EXPECT_TRUE(index.of(alice, blue).empty());
  index.remove(key("entry", 2));
  EXPECT_EQ(index.size(), 2u);
}

TEST(PurgeIndex, AnEntryOfTheSameKeyTakesTheOthersPlace) {
  PurgeIndex index;
  const Key alice = key("tenant", 1), bob = key("tenant", 2), red = key("image", 1);
  index.add(key("entry", 1), alice, std::array{red, red});
  index.add(key("entry", 1), bob, {});
  EXPECT_TRUE(index.of(alice).empty());
  EXPECT_TRUE(index.of(alice, red).empty());
  EXPECT_EQ(index.of(bob).size(), 1u);
}

// Random operations against a plain map of entries to their labels.
TEST(PurgeIndex, AgreesWithAPlainMap) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(random); };
  PurgeIndex index;
  std::map<int, std::pair<int, std::set<int>>> model;
  for (int step = 0; step < 5000; ++step) {
    const int entry = below(60);
    if (below(3) == 0) {
      index.remove(key("entry", entry));
      model.erase(entry);
    } else {
      std::pair<int, std::set<int>> labels{below(4), {}};
      for (int i = below(4); i > 0; --i) labels.second.insert(below(6));
      std::vector<Key> images;
      for (const int image : labels.second) images.push_back(key("image", image));
      index.add(key("entry", entry), key("tenant", labels.first), images);
      model[entry] = labels;
    }
    if (step % 500 == 0) {
      index.drop_if([&](const Key& at) { return at == key("entry", 7); });
      model.erase(7);
    }
    const int tenant = below(4), image = below(6);
    std::set<Key> of_tenant, of_image;
    for (const auto& [number, labels] : model) {
      if (labels.first != tenant) continue;
      of_tenant.insert(key("entry", number));
      if (labels.second.contains(image)) of_image.insert(key("entry", number));
    }
    const auto found = index.of(key("tenant", tenant)), of_both = index.of(key("tenant", tenant), key("image", image));
    ASSERT_EQ(std::set<Key>(found.begin(), found.end()), of_tenant);
    ASSERT_EQ(std::set<Key>(of_both.begin(), of_both.end()), of_image);
  }
  EXPECT_EQ(index.size(), model.size());
}

}  // namespace
}  // namespace fovea
