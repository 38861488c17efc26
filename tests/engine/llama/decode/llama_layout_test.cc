#include "engine/llama/decode/llama_layout.h"

#include <gtest/gtest.h>

#include "engine/models.h"

namespace fovea::llama {
namespace {

class LlamaLayoutTest : public testing::Test {
 protected:
  Result<std::unique_ptr<LlamaLayout>> laid_out(std::vector<PromptPart> parts, std::vector<ImageSize> images) {
    return LlamaLayout::make(loaded, {.parts = std::move(parts)}, images);
  }
  std::string refusal(std::vector<PromptPart> parts, std::vector<ImageSize> images) {
    const auto layout = laid_out(std::move(parts), std::move(images));
    EXPECT_FALSE(layout);
    EXPECT_EQ(layout.error().fault, Fault::invalid);
    return layout ? "" : layout.error().message;
  }

  LoadedModel loaded =
      LoadedModel::load({.model = test::tiny_model, .mmproj = test::tiny_mmproj, .ctx_size = 256}).value();
};

TEST_F(LlamaLayoutTest, TilesAreNamedByTheirImages) {
  const auto made = laid_out({"a", ImageSlot{1}, "b", ImageSlot{0}, "c"}, {{96, 96}, {50, 80}});
  ASSERT_TRUE(made) << made.error().message;
  const LlamaLayout& layout = **made;
  std::vector<TileRef> tiles;
  for (std::size_t i = 0; i < layout.items().size(); ++i) {
    if (!layout.items()[i].tile) continue;
    tiles.push_back(*layout.items()[i].tile);
    EXPECT_EQ(mtmd_input_chunk_get_n_tokens(&layout.tile(i)), layout.tokens(i + 1) - layout.tokens(i));
  }
  EXPECT_EQ(tiles, (std::vector<TileRef>{{1, 0}, {0, 0}}));
  EXPECT_EQ(layout.position(0), 0);
  for (std::size_t i = 0; i < layout.items().size(); ++i) EXPECT_LT(layout.position(i), layout.position(i + 1));
}

TEST_F(LlamaLayoutTest, RefusesAnImageThatIsNotThere) {
  EXPECT_EQ(refusal({ImageSlot{1}, "?"}, {{96, 96}}), "the prompt names picture 2 of 1");
}

TEST_F(LlamaLayoutTest, RefusesAPromptThatEndsWithAnImage) {
  EXPECT_TRUE(refusal({"what is ", ImageSlot{0}}, {{96, 96}}).contains("ends with a picture"));
}

TEST_F(LlamaLayoutTest, RefusesAPromptThatFillsTheContext) {
  const std::string message = refusal({std::string(600, '?')}, {});
  EXPECT_TRUE(message.contains("the context holds 256")) << message;
}

}  // namespace
}  // namespace fovea::llama
