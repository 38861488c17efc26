// The paper's equation 3, with numbers.
#include "replay/coherence_table.h"

#include <gtest/gtest.h>

#include "cache/policies.h"
#include "replay/traces.h"

namespace fovea {
namespace {

constexpr std::uint64_t room = 1 << 20;

class CoherenceTableTest : public testing::Test {
 protected:
  // Embedding 0 and its responses 1 to 30.
  CoherenceTableTest() : script(31), cache(make_policy(PolicyKind::lru), room, 31) {
    for (std::uint32_t i = 1; i <= 30; ++i) script.request().response(i, 10, 10, 0, 0.9F);
  }
  const Lookup& response(std::uint32_t key) const { return script.trace().lookups[key - 1]; }
  void put(std::uint32_t key, float importance) { cache.insert(key, {.size = 10, .importance = importance}); }

  TraceScript script;
  ExactCache cache;
};

TEST_F(CoherenceTableTest, AnEmbeddingFollowsItsBestPresentResponse) {
  CoherenceTable table(script.trace(), cache, cache);
  put(0, 0.5F);
  put(1, 0.9F);
  table.stored(response(1));
  EXPECT_FLOAT_EQ(cache.importance(0), 0.7F * 0.5F + 0.3F * 0.9F);
  put(2, 0.1F);
  const float before = cache.importance(0);
  table.stored(response(2));
  EXPECT_FLOAT_EQ(cache.importance(0), 0.7F * before + 0.3F * 0.9F) << "the best counts, not the last";
  cache.erase(1);
  const float then = cache.importance(0);
  table.hit(response(2));
  EXPECT_FLOAT_EQ(cache.importance(0), 1.2F * (0.7F * then + 0.3F * 0.1F)) << "a response that left does not count";
}

TEST_F(CoherenceTableTest, ImportanceStaysAtMostOne) {
  CoherenceTable table(script.trace(), cache, cache);
  put(0, 1.0F);
  put(1, 1.0F);
  for (int i = 0; i < 10; ++i) table.hit(response(1));
  EXPECT_EQ(cache.importance(0), 1.0F);
}

TEST_F(CoherenceTableTest, TheEmbeddingMayHaveGoneFirst) {
  CoherenceTable table(script.trace(), cache, cache);
  put(1, 0.9F);
  table.stored(response(1));
  EXPECT_FALSE(cache.contains(0));
  put(0, 0.5F);
  table.hit(response(1));
  EXPECT_FLOAT_EQ(cache.importance(0), 1.2F * (0.7F * 0.5F + 0.3F * 0.9F));
}

TEST_F(CoherenceTableTest, OnlyTheResponsesOfLateAreFollowed) {
  CoherenceTable table(script.trace(), cache, cache);
  put(0, 0.5F);
  put(1, 1.0F);
  table.stored(response(1));
  for (std::uint32_t i = 2; i <= 17; ++i) {
    put(i, 0.0F);
    table.stored(response(i));
  }
  const float before = cache.importance(0);
  table.stored(response(17));
  EXPECT_FLOAT_EQ(cache.importance(0), 0.7F * before) << "response 1 is no longer followed";
}

}  // namespace
}  // namespace fovea
