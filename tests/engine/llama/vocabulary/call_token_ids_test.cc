#include "engine/llama/vocabulary/call_token_ids.h"

#include <gtest/gtest.h>

#include "engine/made_vocabulary.h"

namespace fovea::llama {
namespace {

using test::MadeVocabulary;

TEST(CallTokenIds, AreTheControlTokensOfTheForm) {
  const MadeVocabulary vocabulary({{"[TOOL_CALLS]", MadeVocabulary::control}, {"[INST]", MadeVocabulary::control}});
  EXPECT_EQ(call_token_ids(vocabulary.get(), ToolFormat::mistral),
            std::vector<llama_token>{vocabulary.of("[TOOL_CALLS]")});
  EXPECT_TRUE(call_token_ids(vocabulary.get(), ToolFormat::hermes).empty()) << "it has no such token";
}

TEST(CallTokenIds, WhatIsTextAnywayIsNotAmongThem) {
  const MadeVocabulary vocabulary({{"<tool_call>", MadeVocabulary::user_defined}});
  EXPECT_TRUE(call_token_ids(vocabulary.get(), ToolFormat::hermes).empty());
}

}  // namespace
}  // namespace fovea::llama
