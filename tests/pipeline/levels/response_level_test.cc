#include "pipeline/levels/response_level.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "store/level_stores.h"

namespace fovea {
namespace {

class SetClock final : public Clock {
 public:
  double now_ms() const override { return now; }
  double now = 1e12;
};

// Answers "computed", or what it accepts.
class Work final : public ResponseWork {
 public:
  explicit Work(Key of_scope) : scope(of_scope) {}

  bool accept(const Record& stored) override {
    if (refuses) return false;
    accepted = stored.payload.text();
    return true;
  }
  void replay() override { answer = accepted; }
  Result<void> compute() override {
    ++computed;
    if (fails) return fail(Fault::internal, "no");
    answer = "computed";
    return {};
  }
  Result<Blob> record() override {
    if (!keeps) return Blob();
    return encode_record({.kind = RecordKind::response, .scope = scope, .cost_ms = 30, .made_unix_ms = 1e12},
                         std::as_bytes(std::span(answer)));
  }

  Key scope;
  bool refuses = false, fails = false, keeps = true;
  int computed = 0;
  std::string accepted, answer;
};

class ResponseLevelTest : public testing::Test {
 protected:
  ResponseUse use(const CacheUse& cache = whole) {
    return {.key = key, .flight = key, .cache = cache, .scope = scope, .image_keys = std::span(&key, 1)};
  }
  RequestReport ask(Work& work, const ResponseUse& of) {
    RequestReport report;
    if (!level.find(of, work, report)) result = level.compute(of, work, report, {});
    return report;
  }

  static constexpr CacheUse whole{};
  const Key key = KeyBuilder("response").finish();
  const Scope scope = scope_of("alice", "");
  SetClock clock;
  std::unique_ptr<Store> store = make_store(RecordKind::response, 1 << 20, PolicyKind::lru);
  ResponseLevel level{*store, true, nullptr, clock};
  Result<void> result;
};

TEST_F(ResponseLevelTest, AMissIsComputedAndStoredAndAHitReplayed) {
  Work first(scope.id), second(scope.id);
  const RequestReport miss = ask(first, use());
  EXPECT_EQ(miss.response, Outcome::miss);
  EXPECT_TRUE(miss.response_stored);
  clock.now += 2500;
  const RequestReport hit = ask(second, use());
  EXPECT_EQ(hit.response, Outcome::hit);
  EXPECT_EQ(hit.response_age_s, 2.5);
  EXPECT_EQ(hit.saved_ms, 30);
  EXPECT_EQ(hit.prefix_bypass, Bypass::response_hit);
  EXPECT_EQ(second.computed, 0);
  EXPECT_EQ(second.answer, "computed");
}

TEST_F(ResponseLevelTest, BypassSaysWhy) {
  EXPECT_EQ(level.bypass(whole, true), Bypass::none);
  EXPECT_EQ(level.bypass(whole, false), Bypass::random);
  EXPECT_EQ(level.bypass({.read = false, .write = false}, true), Bypass::no_cache);
  EXPECT_EQ(ResponseLevel(*store, false, nullptr, clock).bypass(whole, true), Bypass::off);
}

TEST_F(ResponseLevelTest, Incident18WithoutAKeyNothingIsFoundOrStored) {
  Work work(scope.id);
  ResponseUse none = use();
  none.key.reset();
  EXPECT_FALSE(ask(work, none).response_stored);
  EXPECT_EQ(store->stats().entries, 0u);
  EXPECT_EQ(work.computed, 1);
}

TEST_F(ResponseLevelTest, AnAnswerOlderThanAllowedIsComputedAgain) {
  Work first(scope.id), second(scope.id);
  ask(first, use());
  clock.now += 5000;
  const CacheUse young{.age_max_s = 4};
  const RequestReport report = ask(second, use(young));
  EXPECT_EQ(report.response, Outcome::miss);
  EXPECT_EQ(report.response_note, ResponseNote::too_old);
  EXPECT_EQ(second.computed, 1);
  clock.now = 0;  // set back: it is of today
  Work third(scope.id);
  EXPECT_EQ(ask(third, use(young)).response_age_s, 0);
}

TEST_F(ResponseLevelTest, AStoredAnswerThatCannotServeIsComputedAgain) {
  Work first(scope.id), second(scope.id);
  ask(first, use());
  second.refuses = true;
  const RequestReport report = ask(second, use());
  EXPECT_EQ(report.response, Outcome::miss);
  EXPECT_EQ(report.saved_ms, 0);
  EXPECT_EQ(report.lookups.size(), 1u) << "the one that was stored";
  EXPECT_EQ(second.answer, "computed");
}

TEST_F(ResponseLevelTest, WhoMayNotReadOrNotWriteKeepsToIt) {
  const CacheUse blind{.read = false}, mute{.write = false};
  Work first(scope.id), second(scope.id), third(scope.id);
  EXPECT_FALSE(ask(first, use(mute)).response_stored);
  EXPECT_TRUE(ask(first, use(blind)).response_stored);
  EXPECT_EQ(ask(second, use(blind)).response_bypass, Bypass::no_read);
  EXPECT_EQ(second.computed, 1);
  ResponseUse again = use();
  again.no_cache_read = true;
  EXPECT_EQ(ask(third, again).response_bypass, Bypass::no_cache_read);
  EXPECT_EQ(third.computed, 1);
}

TEST_F(ResponseLevelTest, Incident19WhatFailedOrMayNotBeKeptIsNotStored) {
  Work failing(scope.id), private_one(scope.id);
  failing.fails = true;
  ask(failing, use());
  EXPECT_FALSE(result);
  private_one.keeps = false;
  ask(private_one, use());
  EXPECT_TRUE(result);
  EXPECT_EQ(store->stats().entries, 0u);
}

TEST_F(ResponseLevelTest, Incident10AnotherScopeFindsNothingUnderTheSameKey) {
  Work first(scope.id), second(scope.id);
  ask(first, use());
  const Scope bob = scope_of("bob", "");
  ResponseUse other{.key = key, .flight = key, .cache = whole, .scope = bob, .image_keys = {}};
  EXPECT_EQ(ask(second, other).response, Outcome::miss);
}

TEST_F(ResponseLevelTest, PurgesWhatATenantStored) {
  Work work(scope.id);
  ask(work, use());
  EXPECT_EQ(level.purge(tenant_label("bob")), 0u);
  EXPECT_EQ(level.purge(tenant_label("alice"), key), 1u);
  EXPECT_EQ(level.stats().entries, 0u);
}

}  // namespace
}  // namespace fovea
