// The importance of embeddings follows their responses: equation 3, the boost, the bounds.
#include "fovea/coherence.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace fovea {
namespace {

Key embedding(int number) { return KeyBuilder("embedding").field(number).finish(); }
Key response(int number) { return KeyBuilder("response").field(number).finish(); }

class CoherenceTest : public testing::Test {
 protected:
  void store_embedding(int number, float importance = 0.5F) {
    embeddings.insert(embedding(number), Blob::copy_of("tokens"), {.cost_ms = 1, .importance = importance});
  }
  void store_response(int number, float importance, std::vector<Key> made_from) {
    responses.insert(response(number), Blob::copy_of("answer"), {.cost_ms = 1, .importance = importance});
    coherence.stored(response(number), importance, made_from);
  }
  float of(int number) { return embeddings.importance(embedding(number)).value_or(-1); }

  Level embeddings{1 << 20};
  Level responses{1 << 20};
  Coherence coherence{embeddings, responses};
};

TEST_F(CoherenceTest, Equation3) {
  store_embedding(1);
  store_response(1, 0.9F, {embedding(1)});
  EXPECT_FLOAT_EQ(of(1), 0.7F * 0.5F + 0.3F * 0.9F);
  const float before = of(1);
  store_response(2, 0.1F, {embedding(1)});  // the greatest is still 0.9
  EXPECT_FLOAT_EQ(of(1), 0.7F * before + 0.3F * 0.9F);
}

TEST_F(CoherenceTest, UsingAResponseBoostsItsEmbeddingsByAFifthToAtMostOne) {
  store_embedding(1);
  store_embedding(2, 0.9F);
  store_embedding(3, 0.3F);
  store_response(1, 0.5F, {embedding(1), embedding(2)});
  const float first = of(1);
  coherence.accessed(response(1));
  EXPECT_FLOAT_EQ(of(1), first * 1.2F);
  for (int i = 0; i < 10; ++i) coherence.accessed(response(1));
  EXPECT_EQ(of(1), 1.0F);
  EXPECT_EQ(of(2), 1.0F);
  EXPECT_EQ(of(3), 0.3F);
  coherence.accessed(response(99));  // unknown: no effect
}

TEST_F(CoherenceTest, AnEvictedEmbeddingComesBackAsImportantAsItsResponses) {
  EXPECT_EQ(coherence.importance_of(embedding(1)), 0.5F);
  store_embedding(1);
  store_response(1, 0.8F, {embedding(1)});
  embeddings.erase(embedding(1));
  coherence.accessed(response(1));  // there is nothing to boost
  EXPECT_FLOAT_EQ(coherence.importance_of(embedding(1)), 0.8F);
}

TEST_F(CoherenceTest, AnEvictedResponseCountsNoMore) {
  store_embedding(1);
  store_response(1, 0.9F, {embedding(1)});
  store_response(2, 0.2F, {embedding(1)});
  responses.erase(response(1));
  EXPECT_FLOAT_EQ(coherence.importance_of(embedding(1)), 0.2F);
  const float before = of(1);
  store_response(3, 0.1F, {embedding(1)});
  EXPECT_FLOAT_EQ(of(1), 0.7F * before + 0.3F * 0.2F);
  responses.clear();
  EXPECT_EQ(coherence.importance_of(embedding(1)), 0.5F);
}

TEST_F(CoherenceTest, TheSameTileTwiceInAPictureCountsOnce) {
  store_embedding(1);
  store_response(1, 0.5F, {embedding(1), embedding(1)});
  const float before = of(1);
  coherence.accessed(response(1));
  EXPECT_FLOAT_EQ(of(1), before * 1.2F);
}

TEST_F(CoherenceTest, EverythingIsBounded) {
  Coherence small(embeddings, responses,
                  {.responses_max = 3, .embeddings_a_response_max = 2, .responses_an_embedding_max = 2});
  for (int i = 0; i < 4; ++i) store_embedding(i);
  for (int i = 0; i < 10; ++i) {
    responses.insert(response(i), Blob::copy_of("answer"), 1);
    small.stored(response(i), 0.1F * static_cast<float>(i), std::vector{embedding(0), embedding(1), embedding(2)});
  }
  EXPECT_FLOAT_EQ(small.importance_of(embedding(0)), 0.9F);
  EXPECT_EQ(small.importance_of(embedding(2)), 0.5F);  // the third embedding of a response is not related
  responses.erase(response(9));
  responses.erase(response(8));
  EXPECT_EQ(small.importance_of(embedding(0)), 0.5F);  // response 7 fell off the embedding's list
}

TEST_F(CoherenceTest, ImportanceIsClamped) {
  store_embedding(1);
  store_response(1, 5, {embedding(1)});
  EXPECT_FLOAT_EQ(of(1), 0.7F * 0.5F + 0.3F);
}

}  // namespace
}  // namespace fovea
