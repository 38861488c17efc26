#include "prefetch/successor_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

#include "prefetch/numbered_key.h"

namespace fovea {
namespace {

// Sessions that ask for pictures, one a second. Whatever is issued is moved at once, and used if it is asked
// for as the next but two at most.
class SuccessorTableTest : public testing::Test {
 protected:
  using Predictions = std::vector<SuccessorTable::Prediction>;

  Predictions ask(int picture, int session = 1, int scope = 1) {
    clock_.now += 1000;
    const Key key = picture_key(picture);
    return table_.asked(scope_key(scope), session_key(session), std::span(&key, 1),
                        [this](const Key& other) { return !movable_ || *movable_ == other; });
  }
  // All of it comes true.
  void walk(int from, int to, int session = 1, int scope = 1) {
    for (int picture = from; picture <= to; ++picture) {
      for (const auto& prediction : ask(picture, session, scope)) table_.settle(prediction.number, true);
    }
  }
  void read(int times, int session = 1, int scope = 1) {
    for (int time = 0; time < times; ++time) walk(1, 10, session, scope);
  }
  static bool predicts(const Predictions& predictions, int picture) {
    return std::ranges::contains(predictions, picture_key(picture), &SuccessorTable::Prediction::picture);
  }

  SetClock clock_;
  SuccessorTable table_{{}, clock_};
  std::optional<Key> movable_;
};

TEST_F(SuccessorTableTest, PredictsWhatFollowedOften) {
  read(4);
  const Predictions predicted = ask(1);
  ASSERT_EQ(predicted.size(), 1U);
  EXPECT_TRUE(predicts(predicted, 2));
  EXPECT_GE(predicted[0].confidence, SuccessorOptions().precision_min);
}

TEST_F(SuccessorTableTest, TriesBeforeItIssues) {
  read(2);
  EXPECT_TRUE(ask(1).empty());  // seen twice: a trial
  EXPECT_EQ(table_.tried(), 1U);
}

TEST_F(SuccessorTableTest, SeesAStepTwiceBeforeItTriesIt) {
  read(1);
  walk(1, 9);
  EXPECT_EQ(table_.tried(), 0U);
}

TEST_F(SuccessorTableTest, PredictsNothingThatNeedsNoMove) {
  read(4);
  movable_ = picture_key(77);
  EXPECT_TRUE(ask(1).empty());
}

TEST_F(SuccessorTableTest, WhatOthersOfTheScopeDidIsTakenForANewSession) {
  for (int session = 1; session <= 6; ++session) walk(1, 10, session);
  EXPECT_TRUE(predicts(ask(4, 99), 5));
}

TEST_F(SuccessorTableTest, ScopesNeverMix) {
  read(6, 1, 1);
  const std::uint64_t tried = table_.tried();
  for (int picture = 1; picture <= 10; ++picture) EXPECT_TRUE(ask(picture, 1, 2).empty());
  EXPECT_EQ(table_.tried(), tried);  // not even a trial: nothing is known there
  EXPECT_TRUE(predicts(ask(1, 1, 1), 2));
}

// What is right in one scope gives no confidence in another.
TEST_F(SuccessorTableTest, AScopeHasItsOwnRecord) {
  read(6, 1, 1);
  walk(1, 3, 1, 2);
  walk(1, 3, 1, 2);
  EXPECT_TRUE(ask(1, 1, 2).empty());
}

TEST_F(SuccessorTableTest, WhatComesBeforeTheMoveIsOverIsNotIssued) {
  table_.set_times(2000, 600'000);
  read(8);
  EXPECT_TRUE(ask(1).empty());
  EXPECT_GT(table_.tried(), 0U);
}

TEST_F(SuccessorTableTest, WhatMemoryWouldEvictBeforeIsNotIssued) {
  table_.set_times(10, 500);
  read(8);
  EXPECT_TRUE(ask(1).empty());
}

TEST_F(SuccessorTableTest, StopsWhereWhatItIssuesDoesNotComeTrue) {
  read(6);
  int issued = 0;
  for (int time = 0; time < 60; ++time) {
    for (const int picture : {1, 100 + time, 200 + time, 300 + time, 400 + time}) {
      for (const auto& prediction : ask(picture)) {
        ++issued;
        table_.settle(prediction.number, false);
      }
    }
  }
  EXPECT_GE(issued, 1);
  EXPECT_LE(issued, 20);
}

TEST_F(SuccessorTableTest, APictureIsPredictedOnceAtATime) {
  read(6);
  ASSERT_TRUE(predicts(ask(1), 2));
  EXPECT_FALSE(predicts(ask(1, 2), 2));
}

TEST_F(SuccessorTableTest, WhatIsWithdrawnMayBePredictedAgain) {
  read(6);
  const Predictions first = ask(1);
  ASSERT_EQ(first.size(), 1U);
  ask(10);
  EXPECT_FALSE(predicts(ask(1), 2));
  table_.withdraw(first[0].number);
  ask(10);
  EXPECT_TRUE(predicts(ask(1), 2));
}

TEST_F(SuccessorTableTest, AnotherQuestionAboutThePictureIsNoStep) {
  for (int time = 0; time < 6; ++time) {
    for (int picture = 1; picture <= 10; ++picture) {
      for (int question = 0; question < 3; ++question) {
        for (const auto& prediction : ask(picture)) table_.settle(prediction.number, true);
      }
    }
  }
  EXPECT_TRUE(predicts(ask(1), 2));
}

TEST_F(SuccessorTableTest, IssuesHardlyAnythingWhereNothingFollows) {
  const unsigned seed = 11;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  std::size_t issued = 0;
  for (int asked = 0; asked < 20'000; ++asked) {
    for (const auto& prediction : ask(static_cast<int>(random() % 60), asked % 7)) {
      ++issued;
      table_.settle(prediction.number, false);
    }
  }
  EXPECT_GT(table_.tried(), 500U);
  EXPECT_LE(issued, 20U);
}

// Conversations whose requests name all of their pictures, the last of which is the new one.
TEST(SuccessorTable, WhatALongConversationRepeatsIsNoStep) {
  SetClock clock;
  SuccessorTable table({}, clock);
  for (int session = 1; session <= 3; ++session) {
    std::vector<Key> pictures;
    for (int picture = 1; picture <= 20; ++picture) pictures.push_back(picture_key(picture));
    for (int turn = 1; turn <= 10; ++turn) {
      clock.now += 1000;
      pictures.push_back(picture_key(100 + turn));
      table.asked(scope_key(1), session_key(session), pictures, [](const Key&) { return true; });
    }
  }
  EXPECT_GE(table.tried(), 5U) << "what was new in the next turn is all that followed";
}

// A reader goes on, and between the steps more visitors than there is room for come to another scope, of whom
// none goes on to what followed there before.
TEST(SuccessorTable, TrialsOfAScopeEndNoneOfAnother) {
  SetClock clock;
  SuccessorTable table({.pending_max = 32}, clock);
  constexpr int visitors = 40;
  int sessions = 100;
  const auto visit = [&](int session, int picture) {
    const Key key = picture_key(picture);
    clock.now += 1;
    table.asked(scope_key(2), session_key(session), std::span(&key, 1), [](const Key&) { return true; });
  };
  for (int visitor = 0; visitor < 2 * visitors; ++visitor) {
    visit(++sessions, 1000 + visitor % visitors);
    visit(sessions, 2000 + visitor % visitors);
  }
  bool issued = false;
  for (int time = 0; time < 5; ++time) {
    for (int picture = 1; picture <= 10; ++picture) {
      const Key key = picture_key(picture);
      clock.now += 1000;
      const auto predictions =
          table.asked(scope_key(1), session_key(1), std::span(&key, 1), [](const Key&) { return true; });
      for (const auto& prediction : predictions) table.settle(prediction.number, true);
      issued = issued || !predictions.empty();
      for (int visitor = 0; visitor < visitors; ++visitor) visit(++sessions, 1000 + visitor);
    }
  }
  EXPECT_GE(table.size().pending, 16U) << "half of the room is taken";
  EXPECT_TRUE(issued);
}

TEST(SuccessorTable, StaysBounded) {
  const unsigned seed = 5;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  SetClock clock;
  const SuccessorOptions options{.pictures_max = 64, .sessions_max = 8, .scopes_max = 3, .pending_max = 16};
  SuccessorTable table(options, clock);
  std::vector<std::uint64_t> open;
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  for (int asked = 0; asked < 20'000; ++asked) {
    clock.now += below(1000);
    std::vector<Key> pictures;
    for (int count = below(6); count >= 0; --count) pictures.push_back(picture_key(below(asked < 10'000 ? 30 : 5)));
    const auto predicted =
        table.asked(scope_key(below(5)), session_key(below(20)), pictures, [&](const Key&) { return below(4) > 0; });
    for (const auto& prediction : predicted) open.push_back(prediction.number);
    if (open.size() > 12) {  // most are settled, some withdrawn, some of them twice
      for (const std::uint64_t number : open) below(3) > 0 ? table.settle(number, true) : table.withdraw(number);
      table.settle(open.front(), false);
      open.clear();
    }
    const SuccessorTable::Size size = table.size();
    ASSERT_LE(size.pictures, options.pictures_max);
    ASSERT_LE(size.sessions, options.sessions_max);
    ASSERT_LE(size.scopes, options.scopes_max);
    ASSERT_LE(size.pending, 2 * options.pending_max);
  }
}

}  // namespace
}  // namespace fovea
