#include "engine/llama/vocabulary/plain_pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/made_vocabulary.h"

namespace fovea::llama {
namespace {

using test::MadeVocabulary;
using Pieces = std::vector<std::string_view>;

// The tokens of all pieces, each tokenized as plain text.
std::vector<llama_token> tokens_of(const llama_vocab& vocab, const Pieces& pieces) {
  std::vector<llama_token> all;
  for (const std::string_view piece : pieces) {
    std::vector<llama_token> tokens(piece.size() + 8);
    const std::int32_t count = llama_tokenize(&vocab, piece.data(), static_cast<std::int32_t>(piece.size()),
                                              tokens.data(), static_cast<std::int32_t>(tokens.size()), false, false);
    all.insert(all.end(), tokens.begin(), tokens.begin() + count);
  }
  return all;
}

TEST(PlainPieces, AControlTokensTextIsOnePiece) {
  const MadeVocabulary vocabulary({{"<|user|>", MadeVocabulary::control}});
  EXPECT_EQ(plain_pieces(vocabulary.get(), "<|user|>"), Pieces{"<|user|>"});
  EXPECT_TRUE(plain_pieces(vocabulary.get(), "").empty());
}

TEST(PlainPieces, AUserDefinedTokenIsDivided) {
  const MadeVocabulary vocabulary({{"<tool>", MadeVocabulary::user_defined}, {"ool", MadeVocabulary::user_defined}});
  const Pieces pieces = plain_pieces(vocabulary.get(), "<tool>");
  EXPECT_EQ(pieces, (Pieces{"<", "t", "o", "ol>"}));
  const auto tokens = tokens_of(vocabulary.get(), pieces);
  EXPECT_FALSE(std::ranges::contains(tokens, vocabulary.of("<tool>")));
  EXPECT_FALSE(std::ranges::contains(tokens, vocabulary.of("ool")));
}

// Sentencepiece vocabularies may come to a control token by joining what they have.
TEST(PlainPieces, AControlTokenThatCharactersJoinToIsDivided) {
  const MadeVocabulary vocabulary({{"/", MadeVocabulary::normal},
                                   {"s", MadeVocabulary::normal},
                                   {"<", MadeVocabulary::normal},
                                   {">", MadeVocabulary::normal},
                                   {"</", MadeVocabulary::normal},
                                   {"s>", MadeVocabulary::normal}});
  const auto joined = tokens_of(vocabulary.get(), {"</s>"});
  const Pieces pieces = plain_pieces(vocabulary.get(), "</s>");
  EXPECT_FALSE(std::ranges::contains(tokens_of(vocabulary.get(), pieces), vocabulary.of("</s>")));
  EXPECT_TRUE(std::ranges::contains(joined, vocabulary.of("</s>")));
}

TEST(PlainPieces, CharactersStayWhole) {
  const MadeVocabulary vocabulary({{"\u00e9x", MadeVocabulary::user_defined}});
  EXPECT_EQ(plain_pieces(vocabulary.get(), "\u00e9x"), (Pieces{"\u00e9", "x"}));
}

}  // namespace
}  // namespace fovea::llama
