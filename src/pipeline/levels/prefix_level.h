// PrefixLevel: the decoder's states behind the beginnings of prompts: found, put back, and kept for others to
// go on from.
//
// It decides by tokens alone: what a state weighs and saves against others is its policy's business. The
// level owns its keys and its part of the report; the engine and the store are lent to it. Thread-safe; a
// PrefixUse is one request's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "pipeline/request_context.h"
#include "pipeline/source_aliases.h"
#include "store/store.h"

namespace fovea {

// One request's way through the level.
struct PrefixUse {
  const PromptLayout* layout = nullptr;
  std::vector<MadeFrom> made_from;  // by image: RequestImage::made_from
  std::vector<Key> hashes;          // of the prompt, one an item; empty when the level is bypassed
  std::size_t stored_items = 0;
  std::optional<Record> stored;  // the longest stored prefix, of `stored_items` items
  std::size_t cached_items = 0;  // that the decoder had itself
  bool diverged = false;         // the request before agreed on these, and then went on in another way
};

class PrefixLevel {
 public:
  // `bytes_max` is the store's budget; 0 is no level.
  PrefixLevel(VisionLanguageEngine& engine, Store& store, std::uint64_t bytes_max)
      : engine_(engine), store_(store), bytes_max_(bytes_max) {}

  // Hashes the prompt and finds the longest stored prefix that is worth putting back. `layout` outlives the
  // result.
  PrefixUse find(RequestContext& context, const PromptLayout& layout, std::span<const RequestImage> images) const;

  // Puts the decoder where the stored prefix ends, unless the slot has about as much cached already, and
  // reports. The slot then knows which states store() will want.
  void restore(RequestContext& context, PrefixUse& use, Slot& slot) const;

  // Keeps the decoder's state where others may go on. The answer is out by now.
  void store(RequestContext& context, const PrefixUse& use, Slot& slot);

  std::size_t purge(const Key& tenant) { return store_.purge(tenant); }
  std::size_t purge(const Key& tenant, const Key& image) { return store_.purge(tenant, image); }
  LevelStats stats() const { return store_.stats(); }

 private:
  Bypass bypass(const CacheUse& cache) const;
  bool wanted(const PrefixUse& use, std::size_t items) const;
  void store(RequestContext& context, const PrefixUse& use, Slot& slot, std::size_t items);

  VisionLanguageEngine& engine_;
  Store& store_;
  const std::uint64_t bytes_max_;
};

}  // namespace fovea
