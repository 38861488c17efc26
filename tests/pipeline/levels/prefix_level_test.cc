// The prefix level: what of a prompt need not be read again, and for whom.
#include <gtest/gtest.h>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::plain_png;
using test::ScriptedEngine;

const ImageSource red = plain_png(8, 8, {200, 0, 0});
const ImageSource blue = plain_png(8, 8, {0, 0, 100});

Request about(std::vector<ImageSource> sources, const std::string& text, const std::string& system = "") {
  Request request{.sources = std::move(sources)};
  if (!system.empty()) request.messages.push_back({"system", {system}});
  Message user{"user", {}};
  for (std::size_t i = 0; i < request.sources.size(); ++i) user.parts.emplace_back(ImageSlot{i});
  user.parts.emplace_back(text);
  request.messages.push_back(user);
  return request;
}

// No embedding or response is kept, so that all that is not read was held or restored.
constexpr PipelineOptions prefixes_alone{.embedding_bytes_max = 0, .response_bytes_max = 0};

class PrefixTest : public testing::Test {
 protected:
  Answer ask(const Request& request) {
    engine.items_read = 0;
    auto answer = pipeline.answer(request);
    EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
    return answer.value_or(Answer{});
  }

  // What an engine of its own answers, with nothing kept.
  static std::string cold(Request request) {
    ScriptedEngine fresh;
    Pipeline plain(fresh, {});
    request.cache = {.read = false, .write = false};
    return plain.answer(request).value().text;
  }

  ScriptedEngine engine;
  Pipeline pipeline{engine, prefixes_alone};
};

TEST_F(PrefixTest, AnotherQuestionReadsTheQuestionAlone) {
  const Answer first = ask(about({red}, "what?"));
  EXPECT_EQ(first.report.prefix, Outcome::miss);
  EXPECT_EQ(first.report.cached_tokens, 0);
  const Answer second = ask(about({red}, "a color?"));
  EXPECT_EQ(second.text, cold(about({red}, "a color?")));
  EXPECT_EQ(engine.items_read, 8);
  EXPECT_EQ(engine.encodes, 2) << "nor is the picture encoded again";
  EXPECT_EQ(engine.restores, 0) << "the decoder holds it still";
  EXPECT_EQ(second.report.prefix, Outcome::hit);
  EXPECT_EQ(second.report.cached_tokens, 6 + 80);
  EXPECT_TRUE(second.report.images[0].in_prefix);
  EXPECT_GE(second.report.saved_ms, 86) << "what reading took";
}

TEST_F(PrefixTest, APictureBehindItsQuestionIsReadAgainUnlessPicturesGoFirst) {
  const auto behind = [](const std::string& text) {
    return Request{.messages = {{"user", {text, ImageSlot{0}}}}, .sources = {red}};
  };
  ask(behind("what?"));
  EXPECT_EQ(ask(behind("a color?")).report.prefix, Outcome::miss);

  PipelineOptions pictures_first = prefixes_alone;
  pictures_first.image_order = ImageOrder::first;
  Pipeline other(engine, pictures_first);
  EXPECT_EQ(other.answer(behind("what?")).value().text, cold(about({red}, "what?")));
  EXPECT_EQ(other.answer(behind("a color?")).value().report.prefix, Outcome::hit);
}

TEST_F(PrefixTest, WhatAnotherPictureDisplacedIsPutBack) {
  ask(about({red}, "what?"));
  ask(about({blue}, "what?"));
  const Answer back = ask(about({red}, "a color?"));
  EXPECT_EQ(back.text, cold(about({red}, "a color?")));
  EXPECT_EQ(engine.restores, 1);
  EXPECT_EQ(engine.items_read, 8);
  EXPECT_EQ(engine.encodes, 4);
  EXPECT_EQ(back.report.prefix, Outcome::hit);
  EXPECT_EQ(pipeline.stats().prefix.hits, 1u);
}

TEST_F(PrefixTest, TheLongestStoredOneWins) {
  ask(about({red}, "what?"));
  ask(about({red, blue}, "what?"));
  ask(about({blue}, "what?"));
  const Answer both = ask(about({red, blue}, "a color?"));
  EXPECT_EQ(both.text, cold(about({red, blue}, "a color?")));
  EXPECT_EQ(engine.items_read, 8);
  ask(about({blue}, "where?"));
  const Answer other = ask(about({red, red}, "what?"));
  EXPECT_EQ(other.text, cold(about({red, red}, "what?")));
  EXPECT_EQ(engine.items_read, 2 + 5) << "the second picture and the question";
}

TEST_F(PrefixTest, AConversationReadsOnlyItsNewTurn) {
  Request request = about({red}, "what?");
  const Answer first = ask(request);
  request.messages.push_back({"assistant", {"it"}});
  request.messages.push_back({"user", {"why?"}});
  const Answer second = ask(request);
  EXPECT_EQ(second.text, cold(request));
  EXPECT_EQ(engine.items_read, static_cast<int>(std::string_view("<assistant>it<user>why?").size()));
  EXPECT_EQ(second.report.cached_tokens, first.prompt_tokens);
}

TEST_F(PrefixTest, AConversationThatOthersCameBetweenReadsOnlyItsNewTurn) {
  Request request = about({red}, "what?");
  const auto go_on = [&] {
    request.messages.push_back({"assistant", {"it"}});
    request.messages.push_back({"user", {"why?"}});
  };
  ask(request);
  go_on();
  const Answer second = ask(request);
  ask(about({blue}, "what?"));
  go_on();
  const Answer third = ask(request);
  EXPECT_EQ(third.text, cold(request));
  EXPECT_EQ(engine.restores, 1);
  EXPECT_EQ(third.report.cached_tokens, second.prompt_tokens);
  EXPECT_EQ(third.report.prefix, Outcome::hit);
}

TEST_F(PrefixTest, WhatTwoRequestsShareIsKeptForAThird) {
  const std::string system = "Answer in the manner of a very patient librarian.";
  ask(about({red}, "what?", system));
  ask(about({blue}, "what?", system));
  ask(about({}, "Something else entirely."));
  const Answer third = ask(about({plain_png(8, 8, {9, 9, 9})}, "what?", system));
  EXPECT_EQ(third.report.prefix, Outcome::miss) << "its picture must be read";
  EXPECT_EQ(third.report.cached_tokens, static_cast<int>(std::string_view("<system><user>").size() + system.size()));
  EXPECT_EQ(engine.restores, 1);
}

TEST_F(PrefixTest, AnotherPictureIsNeverTakenForTheOne) {
  ask(about({red}, "what?"));
  EXPECT_EQ(ask(about({blue}, "what?")).text, cold(about({blue}, "what?")));
  EXPECT_EQ(ask(about({red}, "what?")).text, cold(about({red}, "what?")));
}

TEST_F(PrefixTest, TenantsShareNeitherWhatIsHeldNorWhatIsStored) {
  Request request = about({red}, "what?");
  request.tenant = "a";
  ask(request);
  request.tenant = "b";
  EXPECT_EQ(ask(request).report.cached_tokens, 0);
  request.tenant = "c";
  ask(request);
  request.tenant = "a";
  EXPECT_GT(ask(request).report.cached_tokens, 0);
}

TEST_F(PrefixTest, Incident9AnotherModelSharesNothing) {
  ask(about({red}, "what?"));
  engine.text = KeyBuilder("another decoder").finish();
  EXPECT_EQ(ask(about({red}, "where?")).report.cached_tokens, 0);
  engine.vision = KeyBuilder("another encoder").finish();
  EXPECT_EQ(ask(about({red}, "who?")).report.cached_tokens, 0);
}

TEST_F(PrefixTest, Incident15AStateThatDoesNotFitIsAMiss) {
  ask(about({red}, "what?"));
  ask(about({blue}, "what?"));
  engine.refuse_states = true;
  const Answer back = ask(about({red}, "a color?"));
  EXPECT_EQ(back.text, cold(about({red}, "a color?")));
  EXPECT_EQ(back.report.prefix, Outcome::miss);
  EXPECT_EQ(back.report.cached_tokens, 0);
}

TEST_F(PrefixTest, WhoAsksForNoCacheGetsAndLeavesNothing) {
  for (const CacheUse use : {CacheUse{false, false}, {false, true}, {true, false}}) {
    Request request = about({red}, "what?");
    request.cache = use;
    for (int i = 0; i < 2; ++i) {
      const Answer answer = ask(request);
      EXPECT_EQ(answer.report.prefix, Outcome::bypass);
      EXPECT_NE(answer.report.prefix_bypass, Bypass::none);
      EXPECT_EQ(answer.report.cached_tokens, 0);
    }
    EXPECT_EQ(ask(about({blue}, "what?")).report.cached_tokens, 0) << "of the words before the picture";
    EXPECT_EQ(ask(about({red}, "where?")).report.prefix, Outcome::miss);
    engine.text = KeyBuilder("as if new").field(use.read).field(use.write).finish();
  }
}

TEST_F(PrefixTest, SwitchedOffEveryPromptIsReadWhole) {
  Pipeline off(engine, {.prefix_bytes_max = 0, .response_bytes_max = 0});
  for (const char* words : {"what?", "where?"}) {
    engine.items_read = 0;
    const auto answer = off.answer(about({red}, words));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->report.prefix_bypass, Bypass::off);
    EXPECT_EQ(engine.items_read, answer->prompt_tokens - 78) << "a picture's 80 tokens are two items";
  }
  EXPECT_EQ(engine.snapshots, 0);
}

TEST_F(PrefixTest, AModelWhoseStateCannotBeSavedIsNeverSnapshot) {
  engine.obstacle = "its memory cannot be saved";
  ask(about({red}, "what?"));
  ask(about({blue}, "what?"));
  EXPECT_EQ(engine.snapshots, 0);
}

TEST_F(PrefixTest, AModelThatCannotGoBackGivesItsStateWhileItIsPrefilled) {
  engine.goes_back = false;
  ask(about({red}, "what?"));
  EXPECT_EQ(engine.snapshots, 1);
  ask(about({blue}, "what?"));
  const Answer back = ask(about({red}, "a color?"));
  EXPECT_EQ(back.text, cold(about({red}, "a color?")));
  EXPECT_EQ(engine.restores, 1);
  EXPECT_EQ(engine.items_read, 8);
  EXPECT_EQ(engine.snapshots, 2) << "the state that was put back is stored already";
}

TEST_F(PrefixTest, OfAModelThatCannotGoBackAConversationIsKeptToItsEnd) {
  engine.goes_back = false;
  Request request = about({red}, "what?");
  const auto go_on = [&] {
    request.messages.push_back({"assistant", {"it"}});
    request.messages.push_back({"user", {"why?"}});
  };
  ask(request);
  go_on();
  const Answer second = ask(request);
  ask(about({blue}, "what?"));
  go_on();
  const Answer third = ask(request);
  EXPECT_EQ(third.text, cold(request));
  EXPECT_EQ(third.report.cached_tokens, second.prompt_tokens);
}

TEST_F(PrefixTest, ShortOnesAreNotStored) {
  ask(about({}, "Hi"));
  ask(about({}, "Ho"));
  EXPECT_EQ(engine.snapshots, 0);
}

TEST_F(PrefixTest, Incident19NothingOfAFailedAnswerIsStored) {
  engine.before_generate = []() -> Result<void> { return fail(Fault::internal, "broken"); };
  EXPECT_FALSE(pipeline.answer(about({red}, "what?")));
  EXPECT_EQ(pipeline.stats().prefix.entries, 0u);
  engine.before_generate = {};
  EXPECT_EQ(ask(about({red}, "a color?")).text, cold(about({red}, "a color?")));
}

TEST_F(PrefixTest, Incident11AStateLargerThanItsLevelIsNotKept) {
  Pipeline tight(engine, {.embedding_bytes_max = 0, .prefix_bytes_max = 100, .response_bytes_max = 0});
  for (const ImageSource& source : {red, blue, red}) ASSERT_TRUE(tight.answer(about({source}, "what?")));
  EXPECT_EQ(tight.stats().prefix.entries, 0u);
  EXPECT_EQ(engine.restores, 0);
}

TEST_F(PrefixTest, AResponsesCostCountsWhatWasKept) {
  Pipeline whole(engine, {});
  ASSERT_TRUE(whole.answer(about({red}, "what?")));
  ASSERT_TRUE(whole.answer(about({red}, "where?")));
  const auto stored = whole.answer(about({red}, "where?"));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->report.response, Outcome::hit);
  EXPECT_EQ(stored->report.prefix_bypass, Bypass::response_hit);
  EXPECT_GE(stored->report.saved_ms, 86) << "the prefix, which the answer needed, included";
}

}  // namespace
}  // namespace fovea
