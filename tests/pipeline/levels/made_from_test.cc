#include "pipeline/levels/made_from.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

const Key a = KeyBuilder("test").field("a").finish(), b = KeyBuilder("test").field("b").finish(),
          c = KeyBuilder("test").field("c").finish();

TEST(MadeFrom, TheImagesThatItIsFoundByComeFirstAndEachOnce) {
  MadeFrom images;
  images.add({.named = {a}, .others = {b, c}});
  images.add({.named = {a}, .others = {a, c}});
  EXPECT_EQ(images.labels(), (std::vector{a, b, c}));
  EXPECT_EQ(images.unnamed(), 2u);
}

TEST(MadeFrom, AnImageInBothRolesIsOneThatItIsFoundBy) {
  MadeFrom images{.named = {}, .others = {a, b}};
  images.add({.named = {b}, .others = {}});
  EXPECT_EQ(images.labels(), (std::vector{b, a}));
  EXPECT_EQ(images.unnamed(), 1u);
}

}  // namespace
}  // namespace fovea
