#include "audit/prompts/prompt_tree.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

TEST(PromptTree, APathIsKnownOnceSomebodyWentIt) {
  PromptTree tree;
  const auto root = tree.root(1);
  EXPECT_FALSE(root.known);
  const auto a = tree.end_of_part(root.node, 10);
  EXPECT_FALSE(a.known);
  EXPECT_TRUE(tree.end_of_part(root.node, 10).known);
  EXPECT_EQ(tree.end_of_part(root.node, 10).node, a.node);
  EXPECT_FALSE(tree.end_of_part(a.node, 10).known);
  EXPECT_FALSE(tree.end_of_part(tree.root(2).node, 10).known);
  EXPECT_EQ(tree.size(), 5U);
}

TEST(PromptTree, APieceIsNoPart) {
  PromptTree tree;
  const auto root = tree.root(1);
  tree.end_of_part(root.node, 10);
  EXPECT_FALSE(tree.end_of_piece(root.node, 10).known);
}

TEST(PromptTree, NothingComesBehindWhatHasNoRoom) {
  PromptTree tree;
  EXPECT_EQ(tree.end_of_part(PromptTree::none, 10).node, PromptTree::none);
  EXPECT_FALSE(tree.end_of_part(PromptTree::none, 10).known);
  EXPECT_EQ(tree.size(), 0U);
}

}  // namespace
}  // namespace fovea
