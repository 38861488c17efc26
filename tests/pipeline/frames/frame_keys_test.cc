// Nothing that tells two sources apart may be missing in their names.
#include "pipeline/frames/frame_keys.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace fovea {
namespace {

Key key(int number) { return KeyBuilder("test").field(number).finish(); }

TEST(FrameKeys, EverythingThatTellsTwoTilesApartIsInTheirSources) {
  const TilePosition one{
      .scope = "ada", .camera = key(1), .image = 0, .width = 640, .height = 480, .tile = 0, .tiles = 2};
  std::vector<TilePosition> all(8, one);
  all[1].scope = "bob";
  all[2].camera = key(2);
  all[3].image = 1;
  all[4].width = 480;
  all[5].height = 640;
  all[6].tile = 1;
  all[7].tiles = 3;
  std::set<Key> sources;
  for (const TilePosition& position : all) sources.insert(tile_source(position, key(9)));
  sources.insert(tile_source(one, key(10)));
  EXPECT_EQ(sources.size(), all.size() + 1);
  EXPECT_EQ(tile_source(one, key(9)), tile_source(one, key(9)));
}

TEST(FrameKeys, AComposedPictureIsItsSizeAndItsTilesInOrder) {
  const std::vector<Key> tiles = {key(1), key(2)}, turned = {key(2), key(1)}, one = {key(1)};
  const std::set<Key> identities = {composed_identity(640, 480, tiles), composed_identity(480, 640, tiles),
                                    composed_identity(640, 480, turned), composed_identity(640, 480, one)};
  EXPECT_EQ(identities.size(), 4u);
  EXPECT_EQ(composed_identity(640, 480, tiles), composed_identity(640, 480, tiles));
  EXPECT_FALSE(identities.contains(key(1))) << "not even of one tile";
}

}  // namespace
}  // namespace fovea
