#include "engine/llama/decode/chunks.h"

#include <gtest/gtest.h>

#include "engine/llama/loaded_model.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

class ChunksTest : public testing::Test {
 protected:
  Result<Chunks> tokenized(const std::string& text, const std::vector<std::uint32_t>& sides) {
    std::vector<Bitmap> bitmaps;
    for (const std::uint32_t side : sides) bitmaps.emplace_back(mtmd_bitmap_init(side, side, nullptr));
    return Chunks::tokenize(*loaded.vision, text, false, bitmaps);
  }

  LoadedModel loaded = LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj}).value();
};

TEST_F(ChunksTest, TextAloneHasNoTiles) {
  const auto chunks = tokenized("what?", {});
  ASSERT_TRUE(chunks) << chunks.error().message;
  EXPECT_EQ(chunks->size(), 1u);
  EXPECT_TRUE(chunks->tiles().empty());
}

TEST_F(ChunksTest, EachMarkerIsAnImage) {
  const auto chunks = tokenized("a" + loaded.marker + "b" + loaded.marker, {96, 200});
  ASSERT_TRUE(chunks) << chunks.error().message;
  ASSERT_EQ(chunks->tiles().size(), 2u);
  for (const mtmd_input_chunk* tile : chunks->tiles()) EXPECT_EQ(mtmd_input_chunk_get_n_tokens(tile), 64u);
}

TEST_F(ChunksTest, AMarkerWithoutAnImageIsRefused) {
  const auto chunks = tokenized(loaded.marker + loaded.marker, {96});
  ASSERT_FALSE(chunks);
  EXPECT_EQ(chunks.error().fault, Fault::invalid);
}

}  // namespace
}  // namespace fovea::llama
