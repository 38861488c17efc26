// FrameComparison: compares a request's images with earlier frames of the same camera, and takes a near one
// for what it is near to.
//
// This is approximate: a near frame is answered as if it were the other one. It is the only place where that
// happens. An image is compared where the request says whose frame it is and may read and write the cache,
// and where it is not known exactly already. Thread-safe. The engine, the aliases and the store are lent to
// it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "engine/engine.h"
#include "pipeline/frames/frame_keys.h"
#include "pipeline/frames/frame_memory.h"
#include "pipeline/request_context.h"
#include "pipeline/source_aliases.h"
#include "store/purge_label.h"
#include "store/store.h"

namespace fovea {

struct FrameOptions {
  std::uint32_t exact_every = 30;  // of these many frames one at least is encoded
  std::uint64_t bytes_max = std::uint64_t{256} << 20;
  // Told once, as a sentence, where nothing can be near, because the encoder does not show what it is fed.
  std::function<void(std::string_view)> tell;
  const Clock* clock = nullptr;  // by which frames age; null = the machine's; outlives the comparison
};

class FrameComparison {
 public:
  struct Parts {
    VisionLanguageEngine& engine;
    const SourceAliases& aliases;
    Store& embeddings;
    Store& tilings;
    bool embeddings_on = true;
  };
  // REQUIRES: the engine has no frames_obstacle().
  FrameComparison(const Parts& parts, const FrameOptions& options);

  // Why the request's images are not compared; `none` where some may be.
  Bypass bypass(const RequestContext& context, std::span<const RequestImage> images) const;

  // Sets RequestImage::compared of images that were compared, and the report's `frames`.
  // Faults: those of decode() and of the engine; cancelled.
  Result<void> compare(RequestContext& context, std::span<RequestImage> images);

  // Remembers the tiles of compared images that are encoded by now.
  void remember(std::span<RequestImage> images);

  void purge(const PurgeLabel& label) { memory_.purge(label); }
  // How often something was purged, and whether something of the tenant's was since. What was compared before
  // may take purged pictures' tiles.
  std::uint64_t purges() const { return memory_.purges(); }
  bool purged_since(std::uint64_t purges, const Key& tenant) const { return memory_.purged_since(purges, tenant); }

  FrameMemoryUse memory_use() const { return memory_.use(); }

 private:
  bool is_known(const RequestContext& context, const RequestImage& image) const;
  Result<std::shared_ptr<ComparedFrame>> preprocess(RequestContext& context, RequestImage& image);
  // The result is how many values the encoder would be fed.
  Result<std::uint64_t> compare_image(RequestContext& context, RequestImage& image, std::size_t place);
  ComparedTile compare_tile(const RequestContext& context, const RequestImage& image, const TilePosition& position,
                            const TileValues& input);
  FrameTile judged(const RequestContext& context, const FrameMemory::Look& look, const Key& own) const;

  const Parts parts_;
  const std::function<void(std::string_view)> tell_;
  FrameMemory memory_;
  std::atomic<bool> unreadable_ = false;  // the encoder does not show what it is fed, as a request found out
};

}  // namespace fovea
