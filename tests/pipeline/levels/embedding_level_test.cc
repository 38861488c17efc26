#include "pipeline/levels/embedding_level.h"

#include <gtest/gtest.h>

#include "pictures/sources.h"
#include "pipeline/levels/keys.h"
#include "pipeline/scripted_engine.h"
#include "store/level_stores.h"

namespace fovea {
namespace {

using test::plain_png;

class EmbeddingLevelTest : public testing::Test {
 protected:
  struct Made {
    Result<std::vector<Blob>> embeddings;
    ImageReport image;
    RequestReport report;
  };
  Made make(const Request& of) {
    RequestContext context{.request = of, .listener = listener, .scope = scope_of(of.tenant, "")};
    RequestImage image = aliases.open(of.sources[0].bytes, true).value();
    ImageReport report;
    auto embeddings = level.find_or_encode(context, image, report);
    return {std::move(embeddings), report, context.report};
  }

  const Listener listener;
  test::ScriptedEngine engine;
  SourceAliases aliases{{}};
  LevelStores stores = LevelStores::make({.embedding_bytes_max = 1 << 20, .response_bytes_max = 1 << 20});
  EmbeddingLevel level{{.engine = engine,
                        .aliases = aliases,
                        .embeddings = *stores.embeddings,
                        .tilings = *stores.tilings,
                        .coherence = *stores.coherence}};
  const Request request{.sources = {plain_png(8, 8, {200, 0, 0})}, .tenant = "alice"};
};

TEST_F(EmbeddingLevelTest, AnImageIsPreprocessedAndEncodedOnce) {
  const Made cold = make(request), known = make(request);
  EXPECT_EQ(engine.cuts, 1);
  EXPECT_EQ(engine.encodes, 1) << "the halves of a plain image are equal";
  EXPECT_EQ(cold.image.tiles, 2u);
  EXPECT_TRUE(cold.image.preprocessed);
  EXPECT_EQ(known.image.tiles_hit, 2u);
  EXPECT_FALSE(known.image.preprocessed);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ((*cold.embeddings)[i].text(), (*known.embeddings)[i].text());
  EXPECT_GT(known.report.saved_ms, 0);
}

TEST_F(EmbeddingLevelTest, AHitIsTheStoredRecordItself) {
  make(request);
  const Made one = make(request), two = make(request);
  EXPECT_EQ((*one.embeddings)[0].bytes().data(), (*two.embeddings)[0].bytes().data()) << "nothing is copied";
}

TEST_F(EmbeddingLevelTest, Incident13AnEmbeddingOfAnotherShapeIsEncodedAgain) {
  make(request);
  engine.embedding_bytes = 16;  // what the model reads now
  make(request);
  EXPECT_EQ(engine.cuts, 2);
}

TEST_F(EmbeddingLevelTest, Incident10ATenantsEmbeddingsAreItsOwn) {
  make(request);
  Request bobs = request;
  bobs.tenant = "bob";
  EXPECT_EQ(make(bobs).image.tiles_hit, 1u) << "its own other half";
  EXPECT_EQ(engine.encodes, 2);
  EXPECT_EQ(level.purge(tenant_label("bob")), 1u);
  EXPECT_EQ(make(request).image.tiles_hit, 2u);
}

TEST_F(EmbeddingLevelTest, ARequestThatMayNotWriteLeavesNothing) {
  Request mute = request;
  mute.cache.write = false;
  make(mute);
  EXPECT_EQ(level.stats().entries, 0u);
  Request blind = request;
  blind.cache.read = false;
  make(blind);
  EXPECT_EQ(make(blind).image.tiles_hit, 0u);
  EXPECT_EQ(engine.encodes, 2 + 2 + 2);
}

}  // namespace
}  // namespace fovea
