#include "pipeline/levels/asked_pictures.h"

#include <gtest/gtest.h>

#include <vector>

#include "pipeline/levels/keys.h"

namespace fovea {
namespace {

Key key(const char* name) { return KeyBuilder("fovea/test").field(name).finish(); }

// Two words, two tiles, and two words.
class Layout final : public PromptLayout {
 public:
  Layout() {
    for (const std::int32_t token : {1, 2}) append({.token = token, .tile = {}}, 1);
    for (const std::uint32_t tile : {0U, 1U}) append({.tile = TileRef{0, tile}}, 64);
    for (const std::int32_t token : {3, 4}) append({.token = token, .tile = {}}, 1);
  }
};

class AskedPicturesTest : public testing::Test {
 protected:
  AskedPicturesTest() {
    for (const char* name : {"1", "1 2", "1 2 a", "1 2 a b", "1 2 a b 3", "1 2 a b 3 4"})
      prefix.hashes.push_back(key(name));
  }

  void look_up(CacheLevel level, const char* name, Outcome outcome, TierKind found_in = TierKind::memory) {
    context.report.lookups.push_back({.level = level,
                                      .key = key(name),
                                      .outcome = outcome,
                                      .size = 0,
                                      .cost_ms = 0,
                                      .importance = {},
                                      .found_in = found_in});
  }
  AskedRequest asked() const {
    return asked_pictures({.context = context,
                           .image_keys = images,
                           .vision_fingerprint = vision,
                           .layout = computed ? &layout : nullptr,
                           .prefix = prefix,
                           .began_ms = 17});
  }

  const Key vision = key("vision");
  const Request request{.tenant = "alice", .session = key("session")};
  const Listener listener;
  RequestContext context{
      .request = request, .listener = listener, .scope = scope_of("alice", ""), .caller = {}, .report = {}};
  std::vector<Key> images = {key("a picture")};
  const Layout layout;
  PrefixUse prefix;
  bool computed = true;
};

TEST_F(AskedPicturesTest, TellsWhoAskedForWhat) {
  images.push_back(key("another"));
  const AskedRequest told = asked();
  EXPECT_EQ(told.scope, context.scope.id);
  EXPECT_EQ(told.session, key("session"));
  ASSERT_EQ(told.pictures.size(), 2U);
  EXPECT_EQ(told.pictures[1].picture, key("another"));
  EXPECT_EQ(told.pictures[1].tiling, tiling_key(context.scope.name, vision, key("another")));
  EXPECT_TRUE(told.computed);
  EXPECT_EQ(told.began_ms, 17);
}

TEST_F(AskedPicturesTest, TellsWhereEmbeddingsAndStatesWereFound) {
  look_up(CacheLevel::response, "answer", Outcome::miss);
  look_up(CacheLevel::prefix, "1 2 a b", Outcome::miss);
  look_up(CacheLevel::embedding, "tile a", Outcome::hit, TierKind::shared);
  look_up(CacheLevel::embedding, "tile b", Outcome::bypass);
  const AskedRequest told = asked();
  ASSERT_EQ(told.looked_up.size(), 2U);
  EXPECT_EQ(told.looked_up[0].key, key("1 2 a b"));
  EXPECT_EQ(told.looked_up[0].found_in, std::nullopt);
  EXPECT_EQ(told.looked_up[1].key, key("tile a"));
  EXPECT_EQ(told.looked_up[1].found_in, TierKind::shared);
}

TEST_F(AskedPicturesTest, NamesTheStateBehindAPictureAndTheWordsBeforeIt) {
  EXPECT_EQ(asked().lead, key("1 2"));
  EXPECT_EQ(asked().prefix, std::nullopt) << "no such state is kept";
  look_up(CacheLevel::prefix, "1 2 a b", Outcome::miss);
  EXPECT_EQ(asked().prefix, key("1 2 a b"));
  images.push_back(key("another"));
  EXPECT_EQ(asked().lead, std::nullopt) << "the state behind both has a name of both";
}

TEST_F(AskedPicturesTest, AStoredAnswerHasNoPrompt) {
  computed = false;
  prefix.hashes.clear();
  EXPECT_FALSE(asked().computed);
  EXPECT_EQ(asked().lead, std::nullopt);
}

// As one about a near frame, which is laid out before it is compared.
TEST_F(AskedPicturesTest, AStoredAnswerToAPromptThatWasLaidOutIsStored) {
  prefix.hashes.clear();
  context.report.response = Outcome::hit;
  EXPECT_FALSE(asked().computed);
}

}  // namespace
}  // namespace fovea
