#include "engine/llama/decode/live_sequence.h"

#include <cstdint>

namespace fovea::llama {

namespace {

// Prefilling so few tokens again costs about nothing, and a prompt that is prefilled from its beginning is
// bit-identical to a run without a cache.
constexpr std::uint32_t cached_tokens_min = 16;
// Up to so many cached tokens behind a tile are prefilled again. A prefill from a tile's end is bit-identical
// to a run without a cache too, since a batch begins there in any case. Not where the prompt has all of the
// earlier one and goes on: the next turn of a conversation, whose answer may come back in other tokens.
constexpr std::uint32_t repeated_tokens_max = 64;

// The items up to the last tile among the first `items`; 0 without any.
std::size_t behind_last_tile(const PromptLayout& layout, std::size_t items) {
  while (items > 0 && !layout.items()[items - 1].tile) --items;
  return items;
}

}  // namespace

std::size_t LiveSequence::usable_for(const PromptLayout& layout, std::span<const Key> prefix_hashes,
                                     bool can_truncate) const {
  if (prefix_hashes.empty()) return 0;
  const std::size_t shared = std::min(matching_items(prefix_hashes), prefix_hashes.size() - 1);
  if (shared == items.size()) return shared;
  if (!can_truncate || layout.tokens(shared) < cached_tokens_min) return 0;
  if (prompt_items > 0 && shared >= prompt_items) return shared;
  const std::size_t tile_end = behind_last_tile(layout, shared);
  return tile_end > 0 && layout.tokens(shared) - layout.tokens(tile_end) <= repeated_tokens_max ? tile_end : shared;
}

}  // namespace fovea::llama
