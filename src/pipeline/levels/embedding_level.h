// EmbeddingLevel: images' tiles as the decoder reads them: found, or else encoded once for all who need them
// at a time, and stored.
//
// The level owns its keys, its flights and its part of the report; the engine, the stores and the coherence
// are lent to it. Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.h"
#include "fovea/coherence.h"
#include "fovea/single_flight.h"
#include "pipeline/levels/stored_tiling.h"
#include "pipeline/request_context.h"
#include "pipeline/source_aliases.h"
#include "store/store.h"

namespace fovea {

class EmbeddingLevel {
 public:
  struct Parts {
    VisionLanguageEngine& engine;
    const SourceAliases& aliases;
    Store& embeddings;
    Store& tilings;
    Coherence& coherence;
    bool on = true;
  };
  explicit EmbeddingLevel(const Parts& parts) : parts_(parts) {}

  // The embeddings of one image's tiles in order, float32 [tokens x width] each. Told in `report`, the
  // image's.
  // Faults: those of decode() and of the engine; cancelled.
  Result<std::vector<Blob>> find_or_encode(RequestContext& context, RequestImage& image, ImageReport& report);

  // Fills in `embeddings`, by image, what the decoder needs of those that are not in the first `cached_items`
  // items of the prompt.
  // Faults: as above.
  Result<void> find_or_encode(RequestContext& context, const PromptLayout& layout, std::size_t cached_items,
                              std::span<RequestImage> images, std::vector<std::vector<Blob>>& embeddings);

  // Counts the images that were not needed: what their embeddings once took is saved all the same.
  void count_unneeded(RequestContext& context, std::span<const RequestImage> images,
                      std::span<const std::vector<Blob>> embeddings) const;

  // How many embeddings went.
  std::size_t purge(const Key& tenant);
  std::size_t purge(const Key& tenant, const Key& image);
  LevelStats stats() const { return parts_.embeddings.stats(); }

 private:
  friend class ImageEncode;

  void report_outcome(RequestContext& context, std::span<const std::vector<Blob>> embeddings) const;

  const Parts parts_;
  SingleFlight images_in_flight_;
  SingleFlight tiles_in_flight_;
};

}  // namespace fovea
