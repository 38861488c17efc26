// Purging: what was kept of an image, or for a tenant, goes from every level, and nobody else's does.
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"

namespace fovea {
namespace {

using test::plain_png;
using test::ScriptedEngine;

const ImageSource red = plain_png(8, 8, {200, 0, 0});
const ImageSource blue = plain_png(8, 8, {0, 0, 100});

Request question(const ImageSource& image, const std::string& tenant) {
  return {.messages = {{"user", {ImageSlot{0}, "what?"}}}, .sources = {image}, .tenant = tenant};
}

class PurgeTest : public testing::Test {
 protected:
  RequestReport ask(const Request& request) { return pipeline.answer(request).value().report; }

  ScriptedEngine engine;
  Pipeline pipeline{engine, {.prefix_bytes_max = 0}};
};

TEST_F(PurgeTest, AnImageGoesForItsTenantAlone) {
  Request salted = question(red, "alice");
  salted.cache_salt = "mine";
  for (const Request& request : {question(red, "alice"), salted, question(blue, "alice"), question(red, "bob")})
    ask(request);
  const Key image = ask(question(red, "alice")).images[0].image_key;
  EXPECT_EQ(pipeline.purge(image, "alice"), 4u) << "an embedding and an answer, and those under the salt";
  EXPECT_EQ(pipeline.purge(image, "alice"), 0u);
  for (const Request& request : {question(red, "alice"), salted}) {
    const RequestReport report = ask(request);
    EXPECT_EQ(report.response, Outcome::miss);
    EXPECT_EQ(report.embedding, Outcome::miss);
  }
  EXPECT_EQ(ask(question(blue, "alice")).response, Outcome::hit);
  EXPECT_EQ(ask(question(red, "bob")).response, Outcome::hit);
}

TEST_F(PurgeTest, ATenantGoesWhole) {
  for (const char* tenant : {"alice", "bob"}) {
    ask(question(red, tenant));
    ask(question(blue, tenant));
  }
  EXPECT_EQ(pipeline.purge("alice"), 4u);
  EXPECT_EQ(ask(question(red, "alice")).embedding, Outcome::miss);
  EXPECT_EQ(ask(question(blue, "bob")).response, Outcome::hit);
}

// What a follower of a shared tier's log does.
TEST(PurgeElsewhere, ReachesTheLevelsAndTheDecoder) {
  ScriptedEngine engine;
  Tiers tiers;
  tiers.push_back(std::make_unique<TierLane>(std::make_unique<test::FaultyTier>(TierKind::shared), TierLaneOptions{}));
  {
    Pipeline pipeline{engine, {.prefix_bytes_max = 0, .tiers = &tiers}};
    for (const char* tenant : {"alice", "bob"}) pipeline.answer(question(red, tenant)).value();
    const PurgeLabel label{.tenant = tenant_label("alice"), .image = {}};
    ASSERT_TRUE(tiers[0]->tier().purge(label.tenant));  // as the other process did
    tiers[0]->listeners().tell(std::span(&label, 1));
    EXPECT_EQ(engine.idle_purges, 1);
    EXPECT_EQ(pipeline.answer(question(red, "bob")).value().report.response, Outcome::hit);
    EXPECT_EQ(pipeline.answer(question(red, "alice")).value().report.response, Outcome::miss);
  }
  tiers[0]->listeners().tell({});
  EXPECT_EQ(engine.idle_purges, 1) << "the pipeline is gone";
}

TEST(PurgePrefixes, OnlyThoseThatHoldTheImageGo) {
  ScriptedEngine engine;
  Pipeline pipeline{engine, {}};
  Request both = question(red, "alice");
  both.sources.push_back(blue);
  both.messages = {{"user", {ImageSlot{1}, ImageSlot{0}, "which is which?"}}};
  std::vector<Key> keys;
  for (const Request& request : {question(red, "alice"), question(blue, "alice"), both, question(red, "bob")})
    keys.push_back(pipeline.answer(request).value().report.images[0].image_key);
  const std::uint64_t stored = pipeline.stats().prefix.entries;
  ASSERT_GE(stored, 4u);
  pipeline.purge(keys[0], "alice");
  EXPECT_EQ(pipeline.stats().prefix.entries, stored - 2) << "red alone, and red behind blue";
  pipeline.purge("alice");
  EXPECT_GE(pipeline.stats().prefix.entries, 1u) << "bob's";
}

TEST(PurgeTiles, ATileThatImagesShareGoesWithEachOfThem) {
  ScriptedEngine engine;
  Pipeline pipeline{engine, {.prefix_bytes_max = 0}};
  // The scripted engine's tiles are the halves of an image: these have the left one in common.
  const auto halves = [](test::Rgb right) {
    return test::png(8, 8, [=](std::uint32_t x, std::uint32_t) { return x < 4 ? test::Rgb{9, 9, 9} : right; });
  };
  const Request first = question(halves({1, 0, 0}), "alice"), second = question(halves({2, 0, 0}), "alice");
  ASSERT_TRUE(pipeline.answer(first));
  const Key image = pipeline.answer(second).value().report.images[0].image_key;
  EXPECT_EQ(pipeline.stats().embedding.entries, 3u);
  EXPECT_EQ(pipeline.purge(image, "alice"), 3u) << "its own tile, the shared one and its answer";
  EXPECT_EQ(pipeline.stats().embedding.entries, 1u);
}

}  // namespace
}  // namespace fovea
