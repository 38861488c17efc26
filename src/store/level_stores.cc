#include "store/level_stores.h"

#include "store/memory_store.h"

namespace fovea {

namespace {

// A tiling takes 40 bytes a tile besides its record; this holds those of some ten thousand images.
constexpr std::uint64_t tiling_bytes_max = 32 << 20;

}  // namespace

std::unique_ptr<Store> memory_store(RecordKind kind, std::uint64_t bytes_max, PolicyKind policy) {
  return std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = bytes_max, .policy = policy});
}

LevelStores LevelStores::in_memory(const LevelStoresOptions& options) {
  const std::shared_ptr<Budget> shared =
      options.shared_bytes_max ? Budget::make({.bytes_max = *options.shared_bytes_max, .policy = options.policy})
                               : nullptr;
  const auto make = [&](RecordKind kind, std::uint64_t bytes_max) {
    return shared ? std::make_unique<MemoryStore>(kind, shared)
                  : std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = bytes_max, .policy = options.policy});
  };
  auto embeddings = make(RecordKind::embedding, options.embedding_bytes_max);
  auto responses = make(RecordKind::response, options.response_bytes_max);
  auto coherence = std::make_unique<Coherence>(embeddings->level(), responses->level());
  const bool keeps_embeddings = options.shared_bytes_max.value_or(options.embedding_bytes_max) > 0;
  return {.embeddings = std::move(embeddings),
          .tilings = memory_store(RecordKind::tiling, keeps_embeddings ? tiling_bytes_max : 0, PolicyKind::lru),
          .prefixes = make(RecordKind::prefix, options.prefix_bytes_max),
          .responses = std::move(responses),
          .coherence = std::move(coherence)};
}

}  // namespace fovea
