// What an answer is drafted from: the client's prediction, and what the same scope was told of the same
// images.
#include <gtest/gtest.h>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::plain_png;
using test::ScriptedEngine;

class DraftsTest : public testing::Test {
 protected:
  DraftsTest() { engine.drafts = true; }

  Request question(const std::string& text, std::string tenant = "ada") const {
    Request request{.sources = {picture}};
    request.messages.push_back({"user", {ImageSlot{0}, text}});
    request.tenant = std::move(tenant);
    return request;
  }
  // How many texts the answer was drafted from.
  std::size_t texts_for(const Request& request) {
    EXPECT_TRUE(pipeline.answer(request));
    return engine.drafted_from.back().size();
  }

  const ImageSource picture = plain_png(8, 8, {200, 0, 0});
  ScriptedEngine engine;
  Pipeline pipeline{engine, {}};
};

TEST_F(DraftsTest, AnAnswerIsDraftedFromEarlierOnesAboutTheImage) {
  EXPECT_EQ(texts_for(question("what?")), 0u);
  ASSERT_EQ(texts_for(question("what is it?")), 1u);
  EXPECT_EQ(engine.drafted_from.back().front().tokens, (std::vector<std::int32_t>{1}));
  EXPECT_FALSE(engine.drafted_from.back().front().prediction);
  Request other = question("what?");
  other.sources = {plain_png(8, 8, {0, 0, 100})};
  EXPECT_EQ(texts_for(other), 0u);
}

TEST_F(DraftsTest, NoScopeIsDraftedFromAnothersAnswers) {
  texts_for(question("what?"));
  EXPECT_EQ(texts_for(question("where?", "bob")), 0u);
  Request salted = question("where?");
  salted.cache_salt = "salt";
  EXPECT_EQ(texts_for(salted), 0u);
}

TEST_F(DraftsTest, ARequestMayForbidIt) {
  Request unread = question("where?"), unwritten = question("what?");
  unwritten.cache.write = false;
  texts_for(unwritten);
  EXPECT_EQ(texts_for(question("when?")), 0u) << "nothing was kept";
  unread.cache.read = false;
  EXPECT_EQ(texts_for(unread), 0u);
}

TEST_F(DraftsTest, ThePredictionComesFirst) {
  texts_for(question("what?"));
  Request request = question("where?");
  request.prediction = "hi";
  ASSERT_EQ(texts_for(request), 2u);
  EXPECT_TRUE(engine.drafted_from.back().front().prediction);
  EXPECT_EQ(engine.drafted_from.back().front().tokens, (std::vector<std::int32_t>{'h', 'i'}));
}

TEST_F(DraftsTest, APredictionIsInNoKey) {
  Request request = question("what?");
  pipeline.answer(request).value();
  request.prediction = "hi";
  EXPECT_EQ(pipeline.answer(request).value().report.response, Outcome::hit);
}

TEST_F(DraftsTest, APurgeForgetsThem) {
  texts_for(question("what?"));
  const Key image = pipeline.answer(question("what?")).value().report.images.front().image_key;
  pipeline.purge(image, "ada");
  EXPECT_EQ(texts_for(question("where?")), 0u);
  pipeline.purge("ada");
  EXPECT_EQ(texts_for(question("when?")), 0u);
}

TEST_F(DraftsTest, TheReportCountsThem) {
  const RequestReport report = pipeline.answer(question("what?")).value().report;
  EXPECT_EQ(report.drafts.drafted, 3);
  EXPECT_EQ(report.drafts.accepted, 2);
  EXPECT_EQ(report.predicted.drafted, 2);
  const RequestReport hit = pipeline.answer(question("what?")).value().report;
  EXPECT_EQ(hit.drafts.drafted, 0) << "a stored answer was not drafted today";
}

}  // namespace
}  // namespace fovea
