// LevelStores: the stores of all levels of one pipeline, and the coherence between two of them.
//
// The only place that decides where the records of a level lie: in memory, and in tiers where there are any.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "fovea/coherence.h"
#include "fovea/policy_kind.h"
#include "store/lane/tier_lane.h"
#include "store/store.h"

namespace fovea {

class PictureEvents;

struct LevelStoresOptions {
  std::uint64_t embedding_bytes_max = 0;
  std::uint64_t prefix_bytes_max = 0;
  std::uint64_t response_bytes_max = 0;
  // One budget for all three in place of one each.
  std::optional<std::uint64_t> shared_bytes_max;
  PolicyKind policy = PolicyKind::value;
  // Behind the memory of every level that has a budget; null or empty = none. They outlive the stores.
  const Tiers* tiers = nullptr;
  // Told what the levels hold of pictures; null = nobody is. They outlive the stores.
  PictureEvents* events = nullptr;
};

struct LevelStores {
  std::unique_ptr<Store> embeddings;
  std::unique_ptr<Store> tilings;  // small beside the embeddings
  std::unique_ptr<Store> prefixes;
  std::unique_ptr<Store> responses;
  std::unique_ptr<Coherence> coherence;  // between responses and embeddings; goes first

  static LevelStores make(const LevelStoresOptions& options);
};

// A store of records of one kind, in memory under a budget of its own, with `tiers` behind it. `events` are
// told what it holds of pictures, and outlive it.
std::unique_ptr<Store> make_store(RecordKind kind, std::uint64_t bytes_max, PolicyKind policy,
                                  const Tiers* tiers = nullptr, PictureEvents* events = nullptr);

}  // namespace fovea
