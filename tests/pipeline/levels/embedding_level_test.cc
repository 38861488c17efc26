#include "pipeline/levels/embedding_level.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "pictures/sources.h"
#include "pipeline/levels/keys.h"
#include "pipeline/scripted_engine.h"
#include "store/faulty_tier.h"
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

TEST_F(EmbeddingLevelTest, AFailureIsToldWhereTheLevelIsOff) {
  EmbeddingLevel off({.engine = engine,
                      .aliases = aliases,
                      .embeddings = *stores.embeddings,
                      .tilings = *stores.tilings,
                      .coherence = *stores.coherence,
                      .on = false});
  engine.before_encode = []() -> Result<void> { return fail(Fault::unavailable, "no"); };
  RequestContext context{.request = request, .listener = listener, .scope = scope_of("alice", "")};
  RequestImage image = aliases.open(request.sources[0].bytes, true).value();
  ImageReport report;
  const auto made = off.find_or_encode(context, image, report);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, "no");
}

// Two processes with a tier in common.
class EmbeddingLevelLeaseTest : public EmbeddingLevelTest {
 protected:
  EmbeddingLevelLeaseTest() {
    auto added = std::make_unique<test::FaultyTier>(TierKind::shared);
    shared = added.get();
    tiers.push_back(std::make_unique<TierLane>(std::move(added),
                                               TierLaneOptions{.transfer = {.wait_ms = 0.001, .bytes_per_ms = 1e9}}));
    engine.before_encode = []() -> Result<void> {  // longer than asking for a lease takes
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      return {};
    };
    embeddings = make_store(RecordKind::embedding, 1 << 20, PolicyKind::value, &tiers);
  }

  Tiers tiers;
  test::FaultyTier* shared = nullptr;
  std::unique_ptr<Store> embeddings;
};

TEST_F(EmbeddingLevelLeaseTest, ATileThatAnotherProcessEncodesIsLeftForLast) {
  EmbeddingLevel sharing({.engine = engine,
                          .aliases = aliases,
                          .embeddings = *embeddings,
                          .tilings = *stores.tilings,
                          .coherence = *stores.coherence});
  const Request two_halves{
      .sources = {test::png(
          8, 8, [](std::uint32_t x, std::uint32_t) { return test::Rgb{200, 0, static_cast<std::uint8_t>(x)}; })},
      .tenant = "alice"};
  const Made alone = make(two_halves);
  ASSERT_EQ(engine.encodes, 2);
  const Key first = alone.report.lookups[0].key, second = alone.report.lookups[1].key;
  stores.tilings->purge(tenant_label("alice"));

  shared->lease_to_another(first);
  RequestContext context{.request = two_halves, .listener = listener, .scope = scope_of("alice", "")};
  RequestImage image = aliases.open(two_halves.sources[0].bytes, true).value();
  ImageReport report;
  std::jthread other([&] {
    while (!embeddings->contains(second)) std::this_thread::yield();
    EXPECT_FALSE(embeddings->contains(first));
    auto made = stores.embeddings->find(first, context.scope.id);
    const Blob record = encode_record(made->header, made->payload.bytes());
    EXPECT_TRUE(shared->insert(RecordKind::embedding, {first, tenant_label("alice"), {image.image_key}, record}));
    shared->end_lease_of_another(first);
  });
  const auto shared_out = sharing.find_or_encode(context, image, report);
  ASSERT_TRUE(shared_out);
  EXPECT_EQ(engine.encodes, 3) << "one of the two here";
  EXPECT_EQ(report.tiles_hit, 1u);
  for (std::size_t i = 0; i < 2; ++i) EXPECT_EQ((*shared_out)[i].text(), (*alone.embeddings)[i].text());
}

TEST_F(EmbeddingLevelLeaseTest, ATileThatCannotBeEncodedIsLeftToOthersAtOnce) {
  EmbeddingLevel sharing({.engine = engine,
                          .aliases = aliases,
                          .embeddings = *embeddings,
                          .tilings = *stores.tilings,
                          .coherence = *stores.coherence});
  const Made alone = make(request);
  stores.tilings->purge(tenant_label("alice"));
  engine.before_encode = [&]() -> Result<void> {
    EXPECT_TRUE(shared->is_leased(alone.report.lookups[0].key));
    return fail(Fault::unavailable, "no");
  };
  RequestContext context{.request = request, .listener = listener, .scope = scope_of("alice", "")};
  RequestImage image = aliases.open(request.sources[0].bytes, true).value();
  ImageReport report;
  EXPECT_FALSE(sharing.find_or_encode(context, image, report));
  EXPECT_FALSE(shared->is_leased(alone.report.lookups[0].key));
}

}  // namespace
}  // namespace fovea
