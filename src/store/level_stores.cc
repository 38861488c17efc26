#include "store/level_stores.h"

#include <utility>

#include "store/events/picture_events.h"
#include "store/memory_store.h"
#include "store/tiered_store.h"

namespace fovea {

namespace {

// A tiling takes 40 bytes a tile besides its record; this holds those of some ten thousand images.
constexpr std::uint64_t tiling_bytes_max = 32 << 20;

// A level without a budget is off, and has no tiers either.
std::unique_ptr<Store> with_tiers(RecordKind kind, std::unique_ptr<MemoryStore> memory, std::uint64_t bytes_max,
                                  const Tiers* tiers) {
  if (tiers == nullptr || tiers->empty() || bytes_max == 0) return memory;
  return std::make_unique<TieredStore>(kind, std::move(memory), *tiers);
}

}  // namespace

std::unique_ptr<Store> make_store(RecordKind kind, std::uint64_t bytes_max, PolicyKind policy, const Tiers* tiers,
                                  PictureEvents* events) {
  auto memory = std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = bytes_max, .policy = policy});
  if (events != nullptr) memory->tell(*events);
  return with_tiers(kind, std::move(memory), bytes_max, tiers);
}

LevelStores LevelStores::make(const LevelStoresOptions& options) {
  const std::shared_ptr<Budget> shared =
      options.shared_bytes_max ? Budget::make({.bytes_max = *options.shared_bytes_max, .policy = options.policy})
                               : nullptr;
  const auto in_memory = [&](RecordKind kind, std::uint64_t bytes_max) {
    auto memory =
        shared ? std::make_unique<MemoryStore>(kind, shared)
               : std::make_unique<MemoryStore>(kind, LevelOptions{.bytes_max = bytes_max, .policy = options.policy});
    if (options.events != nullptr) memory->tell(*options.events);
    return memory;
  };
  const auto bytes_of = [&](std::uint64_t own) { return options.shared_bytes_max.value_or(own); };
  auto embeddings = in_memory(RecordKind::embedding, options.embedding_bytes_max);
  auto responses = in_memory(RecordKind::response, options.response_bytes_max);
  auto coherence = std::make_unique<Coherence>(embeddings->level(), responses->level());
  const std::uint64_t embedding_bytes = bytes_of(options.embedding_bytes_max);
  return {.embeddings = with_tiers(RecordKind::embedding, std::move(embeddings), embedding_bytes, options.tiers),
          .tilings = make_store(RecordKind::tiling, embedding_bytes > 0 ? tiling_bytes_max : 0, PolicyKind::lru,
                                options.tiers),
          .prefixes = with_tiers(RecordKind::prefix, in_memory(RecordKind::prefix, options.prefix_bytes_max),
                                 bytes_of(options.prefix_bytes_max), options.tiers),
          .responses = with_tiers(RecordKind::response, std::move(responses), bytes_of(options.response_bytes_max),
                                  options.tiers),
          .coherence = std::move(coherence)};
}

}  // namespace fovea
