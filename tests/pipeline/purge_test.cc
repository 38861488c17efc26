// What a request may say of the cache besides yes and no, and purging.
#include <gtest/gtest.h>

#include <vector>

#include "pictures/sources.h"
#include "pipeline/pipeline.h"
#include "pipeline/scripted_engine.h"

namespace fovea {
namespace {

using test::plain_png;
using test::ScriptedEngine;

const ImageSource red = plain_png(8, 8, {200, 0, 0});
const ImageSource blue = plain_png(8, 8, {0, 0, 100});

Request question(const ImageSource& picture, const std::string& tenant = "") {
  return {.messages = {{"user", {ImageSlot{0}, "what?"}}}, .sources = {picture}, .tenant = tenant};
}

class KeptTest : public testing::Test {
 protected:
  RequestReport ask(const Request& request) { return pipeline.answer(request).value().report; }

  ScriptedEngine engine;
  Pipeline pipeline{engine, {.prefix_bytes_max = 0}};
};

TEST_F(KeptTest, AnOlderAnswerThanAllowedIsComputedAgainAndReplaced) {
  ask(question(red));
  Request fresh = question(red);
  fresh.cache.age_max_s = 3600;
  const RequestReport young = ask(fresh);
  EXPECT_EQ(young.response, Outcome::hit);
  EXPECT_GE(young.response_age_s.value(), 0);
  fresh.cache.age_max_s = 0;
  const RequestReport again = ask(fresh);
  EXPECT_EQ(again.response, Outcome::miss);
  EXPECT_TRUE(again.response_stored);
  EXPECT_EQ(again.embedding, Outcome::hit);
  EXPECT_EQ(engine.generations, 2);
}

TEST_F(KeptTest, AFreshAnswerIsComputedAndStored) {
  ask(question(red));
  Request no_cache_read = question(red);
  no_cache_read.no_cache_read = true;
  EXPECT_EQ(ask(no_cache_read).response, Outcome::bypass);
  EXPECT_EQ(engine.generations, 2);
}

TEST_F(KeptTest, ASaltSharesWithItsEqualsOnly) {
  ask(question(red, "alice"));
  Request salted = question(red, "alice");
  salted.cache_salt = "mine";
  const RequestReport first = ask(salted);
  EXPECT_EQ(first.response, Outcome::miss);
  EXPECT_EQ(first.embedding, Outcome::miss);
  EXPECT_EQ(ask(salted).response, Outcome::hit);
  salted.tenant = "bob";
  EXPECT_EQ(ask(salted).response, Outcome::miss);
}

TEST_F(KeptTest, TenantsOfAGroupShare) {
  Request alice = question(red, "alice"), bob = question(red, "bob"), carol = question(red, "lab");
  alice.group = bob.group = "lab";
  ask(alice);
  EXPECT_EQ(ask(bob).response, Outcome::hit);
  EXPECT_EQ(ask(carol).response, Outcome::miss) << "a tenant that is called as the group is";
  EXPECT_EQ(pipeline.purge("bob"), 0u) << "it is alice who stored it";
  EXPECT_EQ(pipeline.purge("alice"), 2u);
}

TEST_F(KeptTest, WhatTheLevelsHadIsKnownBeforeTheAnswerBegins) {
  for (const Outcome expected : {Outcome::miss, Outcome::hit}) {
    std::vector<std::string> order;
    const Listener listener{.on_text = [&](std::string_view) { order.emplace_back("text"); },
                            .on_start =
                                [&](const RequestReport& so_far) {
                                  EXPECT_EQ(so_far.response, expected);
                                  order.emplace_back("start");
                                }};
    ASSERT_TRUE(pipeline.answer(question(red), listener));
    ASSERT_GE(order.size(), 2u);
    EXPECT_EQ(order[0], "start");
    EXPECT_EQ(order[1], "text");
  }
}

TEST_F(KeptTest, APictureLookedAtAheadNeedsNoLookLater) {
  bool opened = false;
  ASSERT_TRUE(pipeline.warm(question(red), {.on_start = [&](const RequestReport& so_far) {
                              opened = so_far.images.size() == 1 && engine.encodes == 0;
                            }}));
  EXPECT_TRUE(opened) << "it is known to be a picture before it is encoded";
  EXPECT_EQ(engine.generations, 0);
  EXPECT_EQ(ask(question(red)).embedding, Outcome::hit);
  EXPECT_FALSE(pipeline.warm(question({Blob::copy_of("no picture"), "x"})));
}

TEST_F(KeptTest, APictureIsForgottenForItsTenantAlone) {
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

TEST_F(KeptTest, ATenantIsForgottenWhole) {
  for (const char* tenant : {"alice", "bob"}) {
    ask(question(red, tenant));
    ask(question(blue, tenant));
  }
  EXPECT_EQ(pipeline.purge("alice"), 4u);
  EXPECT_EQ(ask(question(red, "alice")).embedding, Outcome::miss);
  EXPECT_EQ(ask(question(blue, "bob")).response, Outcome::hit);
}

TEST(PurgedPrefixes, OnlyThoseThatHoldTheImageGo) {
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

TEST(PurgedTiles, ATileThatImagesShareGoesWithEachOfThem) {
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
