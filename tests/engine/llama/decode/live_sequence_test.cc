// How much of a sequence a prompt can use. Items are tokens, except for tiles of 64 tokens.
#include "engine/llama/decode/live_sequence.h"

#include <gtest/gtest.h>

#include <string_view>

#include "engine/prefix_hash.h"

namespace fovea::llama {
namespace {

// A prompt of one item a letter; '#' is a tile.
struct Letters final : PromptLayout {
  explicit Letters(std::string_view letters) {
    std::uint32_t tiles = 0;
    for (const char letter : letters) {
      if (letter == '#')
        append({.token = 0, .tile = TileRef{0, tiles++}}, 64);
      else
        append({.token = letter, .tile = {}}, 1);
    }
    hashes = hash_prefixes(KeyBuilder("root").finish(), items(), std::vector<Key>{Key{}});
  }
  std::vector<Key> hashes;
};

LiveSequence holding(const Letters& prompt) {
  LiveSequence live;
  for (std::size_t i = 0; i < prompt.hashes.size(); ++i)
    live.items.push_back({prompt.hashes[i], static_cast<llama_pos>(prompt.tokens(i + 1)), static_cast<double>(i + 1)});
  return live;
}

std::size_t usable(const LiveSequence& live, const Letters& prompt, bool can_truncate = true) {
  return live.usable_for(prompt, prompt.hashes, can_truncate);
}

TEST(LiveSequence, APromptThatGoesOnUsesAllOfIt) {
  const LiveSequence live = holding(Letters("abc"));
  EXPECT_EQ(usable(live, Letters("abcdef")), 3u);
  EXPECT_EQ(usable(live, Letters("abcdef"), false), 3u);
  EXPECT_EQ(live.position(3), 3);
  EXPECT_EQ(live.cost_ms(2), 2);
  EXPECT_EQ(live.position(0), 0);
}

TEST(LiveSequence, TheLastItemOfAPromptIsPrefilledAgain) {
  const Letters prompt("abcdefghijklmnopqrst");
  EXPECT_EQ(usable(holding(prompt), prompt), prompt.hashes.size() - 1);
  EXPECT_EQ(usable(holding(prompt), prompt, false), 0u) << "that needs a truncation";
}

TEST(LiveSequence, AShortCommonPrefixIsNotWorthUsing) {
  const LiveSequence live = holding(Letters("abcdefghijklmnopqrstuvwxyz"));
  EXPECT_EQ(usable(live, Letters("abcdefghijklmno?yz")), 0u) << "15 tokens";
  EXPECT_EQ(usable(live, Letters("abcdefghijklmnop?z")), 16u);
  EXPECT_EQ(usable(live, Letters("abcdefghijklmnop?z"), false), 0u);
}

TEST(LiveSequence, APrefixEndsBehindATileIfThatIsNear) {
  const LiveSequence live = holding(Letters("a#what?"));
  EXPECT_EQ(usable(live, Letters("a#where?")), 2u);
  const std::string far(65, 'x');
  EXPECT_EQ(usable(holding(Letters("a#" + far + "yes")), Letters("a#" + far + "no!")), 2 + far.size());
}

TEST(LiveSequence, NothingIsUsedWithoutPrefixHashesOrItems) {
  const Letters prompt("abc");
  EXPECT_EQ(holding(prompt).usable_for(prompt, {}, true), 0u);
  EXPECT_EQ(usable({}, prompt), 0u);
}

TEST(LiveSequence, TheNextTurnGoesOnBehindTheEarlierPrompt) {
  const Letters prompt("Look: # What is it?");
  LiveSequence live = holding(Letters("Look: # What is it? A star."));
  const Letters next_turn("Look: # What is it? A red star. And now?");
  EXPECT_EQ(usable(live, next_turn), 7u) << "another question about the picture: read from the tile's end";
  live.prompt_items = prompt.hashes.size();
  EXPECT_EQ(usable(live, next_turn), std::string_view("Look: # What is it? A ").size());
  EXPECT_EQ(usable(live, Letters("Look: # What is there?")), 7u) << "not all of the earlier prompt";
}

}  // namespace
}  // namespace fovea::llama
