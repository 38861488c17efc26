#include "engine/modelled/modelled_layout.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/modelled/some_times.h"

namespace fovea {
namespace {

const std::vector<ImageSize> one_picture = {{64, 64}};

Result<std::unique_ptr<ModelledLayout>> laid_out(const Prompt& prompt, Overlong overlong = Overlong::refused) {
  return ModelledLayout::make(test::some_times(), prompt, one_picture, overlong);
}

TEST(ModelledLayout, HasTextTokensAndTiles) {
  const auto layout = laid_out({{"<|im_start|>user\n", ImageSlot{0}, PlainText{"<|im_start|>"}, " What"}}).value();
  EXPECT_EQ(layout->items_with_pictures(), 3U + 3) << "a control token, user, the line's end, and three tiles";
  EXPECT_EQ(layout->image_tokens(), 24U);
  EXPECT_EQ(layout->items()[3].tile, (TileRef{0, 0}));
  EXPECT_EQ(layout->items()[5].tile, (TileRef{0, 2}));
  EXPECT_NE(layout->items()[6].token, layout->items()[0].token) << "plain text is no control token";
  EXPECT_EQ(layout->tokens(), layout->items().size() - 3 + 24);
}

TEST(ModelledLayout, RefusesWhatCannotBeAnswered) {
  EXPECT_EQ(laid_out({}).error().fault, Fault::invalid);
  EXPECT_EQ(laid_out({{"look", ImageSlot{0}}}).error().fault, Fault::invalid);
  EXPECT_EQ(laid_out({{ImageSlot{1}, "look"}}).error().fault, Fault::invalid);
}

TEST(ModelledLayout, TellsByHowMuchAPromptIsTooLong) {
  const std::string words(4 * 600, 'x');
  const auto counted = laid_out({{words}}).error();
  EXPECT_EQ(counted.overflow, (ContextOverflow{.prompt_tokens = 600, .context_tokens = 512}));
  const std::string more(12 * 600, 'x');
  EXPECT_EQ(laid_out({{more}}).error().overflow,
            (ContextOverflow{.prompt_tokens = 600, .context_tokens = 512, .at_least = true}));
  EXPECT_EQ(laid_out({{more}}, Overlong::counted).error().overflow,
            (ContextOverflow{.prompt_tokens = 1800, .context_tokens = 512}));
  const std::string book(300 << 10, 'x');  // its tokens would take 2 MB and more
  EXPECT_EQ(laid_out({{book}}, Overlong::counted).error().overflow,
            (ContextOverflow{.prompt_tokens = 25'600, .context_tokens = 512, .at_least = true}));
  Prompt pictures;
  for (int i = 0; i < 22; ++i) pictures.parts.emplace_back(ImageSlot{0});
  pictures.parts.emplace_back("what is it?");
  EXPECT_EQ(laid_out(pictures).error().overflow,
            (ContextOverflow{.prompt_tokens = 528, .context_tokens = 512, .at_least = true}));
}

}  // namespace
}  // namespace fovea
