// What the last answers about the same images said, and who is told.
#include "pipeline/levels/earlier_answers.h"

#include <gtest/gtest.h>

namespace fovea {
namespace {

using Tokens = std::vector<std::int32_t>;

Key image(int number) { return KeyBuilder("image").field(number).finish(); }

class EarlierAnswersTest : public testing::Test {
 protected:
  const Scope ada = scope_of("ada", ""), bob = scope_of("bob", "");
  const std::vector<Key> one = {image(1)}, two = {image(1), image(2)};
  EarlierAnswers answers;

  void add(const Scope& scope, std::span<const Key> images, Tokens tokens, std::uint64_t purges) {
    answers.add(scope, images, images, std::move(tokens), purges);
  }
};

TEST_F(EarlierAnswersTest, TheNewestComesFirst) {
  add(ada, one, {1, 2}, answers.purges());
  add(ada, one, {3}, answers.purges());
  EXPECT_EQ(answers.find(ada, one), (std::vector<Tokens>{{3}, {1, 2}}));
  add(ada, one, {1, 2}, answers.purges());
  EXPECT_EQ(answers.find(ada, one), (std::vector<Tokens>{{1, 2}, {3}})) << "what is said again is there once";
}

TEST_F(EarlierAnswersTest, NoScopeIsToldOfAnother) {
  add(ada, one, {1}, answers.purges());
  EXPECT_TRUE(answers.find(bob, one).empty());
  EXPECT_TRUE(answers.find(scope_of("ada", "", "salt"), one).empty());
  add(scope_of("ada", "group"), one, {2}, answers.purges());
  EXPECT_EQ(answers.find(scope_of("bob", "group"), one), (std::vector<Tokens>{{2}}));
}

TEST_F(EarlierAnswersTest, OtherImagesAreOtherAnswers) {
  add(ada, two, {1}, answers.purges());
  EXPECT_TRUE(answers.find(ada, one).empty());
  EXPECT_TRUE(answers.find(ada, std::vector<Key>{image(2), image(1)}).empty());
  EXPECT_EQ(answers.find(ada, two).size(), 1u);
}

TEST_F(EarlierAnswersTest, WithoutImagesOrTokensNothingIsKept) {
  add(ada, {}, {1}, answers.purges());
  add(ada, one, {}, answers.purges());
  EXPECT_TRUE(answers.find(ada, {}).empty());
  EXPECT_TRUE(answers.find(ada, one).empty());
}

TEST_F(EarlierAnswersTest, AnswersAndTheirLengthAreBounded) {
  for (int i = 0; i < 20; ++i) add(ada, one, {i}, answers.purges());
  const auto found = answers.find(ada, one);
  ASSERT_EQ(found.size(), EarlierAnswers::answers_max);
  EXPECT_EQ(found.front(), Tokens{19});
  add(ada, one, Tokens(EarlierAnswers::tokens_max + 1, 7), answers.purges());
  EXPECT_EQ(answers.find(ada, one).front().size(), EarlierAnswers::tokens_max);
}

TEST_F(EarlierAnswersTest, ImagesThatNobodyAsksAboutGiveWay) {
  add(ada, one, {1}, answers.purges());
  for (int i = 0; i < static_cast<int>(EarlierAnswers::groups_max) - 1; ++i)
    add(ada, std::vector<Key>{image(100 + i)}, {2}, answers.purges());
  EXPECT_EQ(answers.find(ada, one).size(), 1u) << "and is asked about again";
  add(ada, std::vector<Key>{image(9000)}, {3}, answers.purges());
  EXPECT_EQ(answers.find(ada, one).size(), 1u);
  EXPECT_TRUE(answers.find(ada, std::vector<Key>{image(100)}).empty());
}

TEST_F(EarlierAnswersTest, APurgeTakesWhatTheTenantSaidOfTheImage) {
  const Scope ada_in_group = scope_of("ada", "group"), bob_in_group = scope_of("bob", "group");
  add(ada_in_group, two, {1}, answers.purges());
  add(bob_in_group, two, {2}, answers.purges());
  add(ada, std::vector<Key>{image(3)}, {3}, answers.purges());
  answers.purge({.tenant = tenant_label("ada"), .image = image(2)});
  EXPECT_EQ(answers.find(ada_in_group, two), (std::vector<Tokens>{{2}})) << "bob's stays";
  EXPECT_EQ(answers.find(ada, std::vector<Key>{image(3)}).size(), 1u);
  answers.purge({.tenant = tenant_label("ada"), .image = {}});
  EXPECT_TRUE(answers.find(ada, std::vector<Key>{image(3)}).empty());
  answers.purge(PurgeLabel::of_everything());
  EXPECT_TRUE(answers.find(bob_in_group, two).empty());
}

TEST_F(EarlierAnswersTest, APurgeReachesWhatAnAnswerWasMadeFrom) {
  answers.add(ada, one, std::vector<Key>{image(1), image(7)}, {1}, answers.purges());
  add(ada, one, {2}, answers.purges());
  answers.purge({.tenant = tenant_label("ada"), .image = image(7)});
  EXPECT_EQ(answers.find(ada, one), (std::vector<Tokens>{{2}})) << "the same images, asked about as themselves";
}

TEST_F(EarlierAnswersTest, AnAnswerThatBeganBeforeAPurgeIsNotKept) {
  const auto before = answers.purges();
  answers.purge({.tenant = ada.tenant, .image = {}});
  add(ada, one, {1}, before);
  EXPECT_TRUE(answers.find(ada, one).empty());
}

}  // namespace
}  // namespace fovea
