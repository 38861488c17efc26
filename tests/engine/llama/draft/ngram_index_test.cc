#include "engine/llama/draft/ngram_index.h"

#include <gtest/gtest.h>

namespace fovea::llama {
namespace {

using Tokens = std::vector<std::int32_t>;

NgramIndex index_of(const std::vector<Tokens>& texts, std::size_t run_min = 1) {
  NgramIndex index(run_min);
  for (const Tokens& text : texts) {
    const std::uint32_t number = index.add_text();
    for (const std::int32_t token : text) index.append(number, token);
  }
  return index;
}

TEST(NgramIndex, FindsWhatFollowsTheLongestRun) {
  const NgramIndex index = index_of({{1, 2, 3, 4, 5, 6, 9, 4, 7}});
  const auto found = index.find(Tokens{8, 2, 3, 4});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->next, 4u) << "3 4 is followed by 5, though 4 alone was last followed by 7";
  EXPECT_EQ(found->run, 3u);
  EXPECT_EQ(index.find(Tokens{4})->next, 8u);
}

TEST(NgramIndex, ARunThatOccursAgainIsFoundWhereItWasLast) {
  const NgramIndex index = index_of({{1, 2, 3}, {1, 2, 4}});
  const auto found = index.find(Tokens{1, 2});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->text, 1u);
  EXPECT_EQ(index.text(found->text)[found->next], 4);
}

TEST(NgramIndex, TheEndOfATextLeadsNowhere) {
  EXPECT_FALSE(index_of({{1, 2, 3}}).find(Tokens{3}));
  EXPECT_FALSE(index_of({}).find(Tokens{3}));
  EXPECT_FALSE(index_of({{1, 2}}).find(Tokens{}));
}

TEST(NgramIndex, ShorterRunsThanTheLeastAreNotFound) {
  const NgramIndex index = index_of({{1, 2, 3, 4}}, 2);
  EXPECT_FALSE(index.find(Tokens{9, 2}));
  EXPECT_EQ(index.find(Tokens{1, 2})->next, 2u);
}

TEST(NgramIndex, NoRunHasASeparator) {
  const NgramIndex index = index_of({{1, -1, 2, 3}});
  EXPECT_FALSE(index.find(Tokens{1, -1}));
  EXPECT_EQ(index.find(Tokens{-1, 2})->run, 1u);
}

}  // namespace
}  // namespace fovea::llama
