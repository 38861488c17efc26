// What a request may say of the cache besides yes and no: ages, salts, groups, no-cache reads, warming.
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

Request question(const ImageSource& picture, const std::string& tenant = "") {
  return {.messages = {{"user", {ImageSlot{0}, "what?"}}}, .sources = {picture}, .tenant = tenant};
}

class CacheUseTest : public testing::Test {
 protected:
  RequestReport ask(const Request& request) { return pipeline.answer(request).value().report; }

  ScriptedEngine engine;
  Pipeline pipeline{engine, {.prefix_bytes_max = 0}};
};

TEST_F(CacheUseTest, AnOlderAnswerThanAllowedIsComputedAgainAndReplaced) {
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

TEST_F(CacheUseTest, ANoCacheReadIsComputedAndStored) {
  ask(question(red));
  Request no_cache_read = question(red);
  no_cache_read.no_cache_read = true;
  EXPECT_EQ(ask(no_cache_read).response, Outcome::bypass);
  EXPECT_EQ(engine.generations, 2);
}

TEST_F(CacheUseTest, WhoWantsAStoredAnswerOnlyGetsThatOrNone) {
  Request stored = question(red);
  stored.cache.only_stored = true;
  const auto none = pipeline.answer(stored);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, Fault::not_found);
  EXPECT_EQ(none.error().message, "no stored answer, and the request asked for no other");
  EXPECT_EQ(engine.generations, 0);
  ask(question(red));
  EXPECT_EQ(ask(stored).response, Outcome::hit);
  stored.cache.age_max_s = 0;
  EXPECT_TRUE(pipeline.answer(stored).error().message.ends_with(": it is older than the request allows"));
  stored.options.temperature = 1;
  EXPECT_TRUE(pipeline.answer(stored).error().message.contains("drawn at random"));
  EXPECT_EQ(engine.generations, 1);
}

TEST_F(CacheUseTest, NothingIsRememberedOfARequestThatMayNotBeStored) {
  Request secret = question(red);
  secret.cache.write = false;
  ask(secret);
  EXPECT_TRUE(ask(secret).images[0].decoded) << "what its bytes decode to is not remembered either";
  ask(question(red));
  EXPECT_FALSE(ask(question(red)).images[0].decoded);
}

TEST_F(CacheUseTest, ASaltSharesWithItsEqualsOnly) {
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

TEST_F(CacheUseTest, TenantsOfAGroupShare) {
  Request alice = question(red, "alice"), bob = question(red, "bob"), carol = question(red, "lab");
  alice.group = bob.group = "lab";
  ask(alice);
  EXPECT_EQ(ask(bob).response, Outcome::hit);
  EXPECT_EQ(ask(carol).response, Outcome::miss) << "a tenant that is called as the group is";
  EXPECT_EQ(pipeline.purge("bob"), 0u) << "it is alice who stored it";
  EXPECT_EQ(pipeline.purge("alice"), 2u);
}

TEST_F(CacheUseTest, WhatTheLevelsHadIsKnownBeforeTheAnswerBegins) {
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

TEST_F(CacheUseTest, AWarmImageIsNotEncodedLater) {
  bool opened = false;
  ASSERT_TRUE(pipeline.warm(question(red), {.on_start = [&](const RequestReport& so_far) {
                              opened = so_far.images.size() == 1 && engine.encodes == 0;
                            }}));
  EXPECT_TRUE(opened) << "it is known to be a picture before it is encoded";
  EXPECT_EQ(engine.generations, 0);
  EXPECT_EQ(ask(question(red)).embedding, Outcome::hit);
  EXPECT_FALSE(pipeline.warm(question({Blob::copy_of("no picture"), "x"})));
}

}  // namespace
}  // namespace fovea
