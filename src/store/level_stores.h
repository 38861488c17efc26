// LevelStores: the stores of all levels of one pipeline, and the coherence between two of them.
//
// The only place that decides where the records of a level lie.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "fovea/coherence.h"
#include "fovea/policy_kind.h"
#include "store/store.h"

namespace fovea {

struct LevelStoresOptions {
  std::uint64_t embedding_bytes_max = 0;
  std::uint64_t prefix_bytes_max = 0;
  std::uint64_t response_bytes_max = 0;
  // One budget for all three in place of one each.
  std::optional<std::uint64_t> shared_bytes_max;
  PolicyKind policy = PolicyKind::value;
};

struct LevelStores {
  std::unique_ptr<Store> embeddings;
  std::unique_ptr<Store> tilings;  // small beside the embeddings
  std::unique_ptr<Store> prefixes;
  std::unique_ptr<Store> responses;
  std::unique_ptr<Coherence> coherence;  // between responses and embeddings; goes first

  // All in memory.
  static LevelStores in_memory(const LevelStoresOptions& options);
};

// A store in memory of records of one kind, under a budget of its own.
std::unique_ptr<Store> memory_store(RecordKind kind, std::uint64_t bytes_max, PolicyKind policy);

}  // namespace fovea
