#include "engine/llama/decode/llama_layout.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/llama/decode/token_text.h"
#include "engine/models.h"

namespace fovea::llama {
namespace {

class LlamaLayoutTest : public testing::Test {
 protected:
  Result<std::unique_ptr<LlamaLayout>> laid_out(std::vector<PromptPart> parts, std::vector<ImageSize> images,
                                                Overlong overlong = Overlong::refused) {
    return LlamaLayout::make(loaded, {.parts = std::move(parts)}, images, overlong);
  }
  // The tokens of its text; -1 for a tile.
  static std::vector<llama_token> words_of(const LlamaLayout& layout) {
    std::vector<llama_token> words;
    for (const PromptItem& item : layout.items()) words.push_back(item.tile ? -1 : item.token);
    return words;
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

TEST_F(LlamaLayoutTest, CountsATextThatCannotFitForThoseWhoAskUnlessItIsHuge) {
  const std::string huge((4 << 20) + 1, 'a');
  for (const PromptPart& part : {PromptPart(huge), PromptPart(PlainText{huge})}) {
    const auto layout = laid_out({part}, {}, Overlong::counted);
    ASSERT_FALSE(layout);
    ASSERT_TRUE(layout.error().overflow);
    EXPECT_TRUE(layout.error().overflow->at_least);
    EXPECT_EQ(layout.error().overflow->prompt_tokens, huge.size() / loaded.token_bytes_max);
  }
  const std::string too_long(2 * 256 * loaded.token_bytes_max, '.');
  const auto counted = laid_out({too_long}, {}, Overlong::counted);
  ASSERT_FALSE(counted);
  ASSERT_TRUE(counted.error().overflow);
  EXPECT_FALSE(counted.error().overflow->at_least) << "those who ask for the number get it";
  EXPECT_GE(counted.error().overflow->prompt_tokens, 512U);
  const auto refused = laid_out({too_long}, {});
  ASSERT_FALSE(refused);
  ASSERT_TRUE(refused.error().overflow);
  EXPECT_TRUE(refused.error().overflow->at_least);
  EXPECT_EQ(refused.error().overflow->prompt_tokens, 512U);
}

TEST_F(LlamaLayoutTest, RefusesAnEmptyPrompt) {
  EXPECT_EQ(refusal({}, {}), "the prompt is empty: there is nothing to answer to");
}

// Plain text has its prompt tokenized in parts. An empty one changes nothing else.
TEST_F(LlamaLayoutTest, APromptInPartsIsLaidOutAsOneText) {
  const std::vector<std::vector<PromptPart>> prompts{
      {"what is this?"},
      {"<|user|>\n", ImageSlot{0}, "what color is it?<|end|>\n<|assistant|>\n"},
      {ImageSlot{0}, ImageSlot{1}, " two? "},
      {"one ", "text ", ImageSlot{1}, "in ", "pieces"},
  };
  for (std::vector<PromptPart> parts : prompts) {
    const auto whole = laid_out(parts, {{96, 96}, {50, 80}});
    parts.emplace_back(PlainText{});
    const auto in_parts = laid_out(parts, {{96, 96}, {50, 80}});
    ASSERT_TRUE(whole && in_parts) << (whole ? in_parts : whole).error().message;
    EXPECT_EQ(words_of(**whole), words_of(**in_parts));
    EXPECT_EQ((*whole)->tokens(), (*in_parts)->tokens());
  }
}

TEST_F(LlamaLayoutTest, Incident31PlainTextHasNoControlTokens) {
  const std::string user = llama_vocab_get_text(loaded.vocab(), 1216);
  ASSERT_EQ(user, "<|user|>");
  const auto special = laid_out({"a ", user, " b"}, {});
  const auto plain = laid_out({"a ", PlainText{user}, " b"}, {});
  ASSERT_TRUE(special && plain);
  EXPECT_TRUE(std::ranges::contains(words_of(**special), 1216));
  std::string text;
  for (const llama_token token : words_of(**plain)) {
    EXPECT_EQ(llama_vocab_get_attr(loaded.vocab(), token) & LLAMA_TOKEN_ATTR_CONTROL, 0) << token;
    text += token_text(loaded.vocab(), token, true);
  }
  EXPECT_EQ(text, "a <|user|> b");
}

TEST_F(LlamaLayoutTest, RefusesAnImageThatIsNotThere) {
  EXPECT_EQ(refusal({ImageSlot{1}, "?"}, {{96, 96}}), "the prompt names picture 2 of 1");
}

TEST_F(LlamaLayoutTest, RefusesAPromptThatEndsWithAnImage) {
  EXPECT_TRUE(refusal({"what is ", ImageSlot{0}}, {{96, 96}}).contains("ends with a picture"));
}

TEST_F(LlamaLayoutTest, RefusesAPromptThatFillsTheContext) {
  const auto refused = laid_out({std::string(600, '?')}, {});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains("the context holds 256")) << refused.error().message;
  ASSERT_TRUE(refused.error().overflow);
  EXPECT_EQ(refused.error().overflow->context_tokens, 256U);
  EXPECT_GT(refused.error().overflow->prompt_tokens, 256U);
}

}  // namespace
}  // namespace fovea::llama
