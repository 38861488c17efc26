// An encode yields between its parts, which changes no bit of it, and it can end there.
#include "engine/llama/vision/tile_probe.h"

#include <gtest/gtest.h>
#include <mtmd.h>

#include "engine/llama/decode/chunks.h"
#include "engine/llama/loaded_model.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

class TileProbes : public testing::Test {
 protected:
  TileProbes() {
    std::vector<unsigned char> pixels;
    for (unsigned i = 0; i < 96 * 96 * 3; ++i) pixels.push_back(static_cast<unsigned char>(i * 31 % 251));
    std::vector<Bitmap> bitmaps;
    bitmaps.emplace_back(mtmd_bitmap_init(96, 96, pixels.data()));
    chunks = Chunks::tokenize(*loaded.vision, loaded.marker, false, bitmaps).value();
  }

  std::vector<float> encode() {
    const mtmd_input_chunk& tile = *chunks->tiles().front();
    EXPECT_EQ(mtmd_encode_chunk(loaded.vision.get(), &tile), 0);
    const float* numbers = mtmd_get_output_embd(loaded.vision.get());
    const std::size_t width = static_cast<std::size_t>(llama_model_n_embd_inp(loaded.model.get()));
    return {numbers, numbers + mtmd_input_chunk_get_n_tokens(&tile) * width};
  }

  LoadedModel loaded = LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj}).value();
  std::optional<Chunks> chunks;
};

TEST_F(TileProbes, YieldingChangesNoBitOfAnEncode) {
  const std::vector<float> in_one_go = encode();
  int yields = 0;
  loaded.probe->yield = [&] { return ++yields > 0; };
  EXPECT_EQ(encode(), in_one_go);
  EXPECT_GT(yields, 10);
}

TEST_F(TileProbes, AnEncodeEndsWhereYieldSaysSo) {
  int yields = 0;
  loaded.probe->yield = [&] { return ++yields < 3; };
  encode();
  EXPECT_EQ(yields, 3);
  loaded.probe->yield = {};
  const std::vector<float> whole = encode();
  loaded.probe->yield = [&] { return ++yields > 0; };
  EXPECT_EQ(encode(), whole) << "the encode that was given up left nothing behind";
}

TEST_F(TileProbes, HashingATileDoesNotYield) {
  int yields = 0;
  loaded.probe->yield = [&] { return ++yields > 0; };
  const auto hashed = [&] { return loaded.probe->observe([&] { encode(); }); };
  const auto first = hashed();
  EXPECT_TRUE(first);
  EXPECT_EQ(hashed(), first);
  EXPECT_EQ(yields, 0);
}

}  // namespace
}  // namespace fovea::llama
