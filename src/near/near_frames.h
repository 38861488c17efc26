// NearFrames: which stored embedding may stand for a tile that differs from an encoded one by nothing but its
// source's noise. It computes no embedding and keeps none, only keys.
//
// A source is whatever one camera's tiles of one place come from; the caller makes its key from all that
// tells two of them apart: tenant, camera, the image's place in the request, its size, the tile's number.
// Nothing is ever compared across sources. A tile is compared with the one that was encoded, never with the
// last one that was near, so that small changes cannot add up; and after a number of frames it is encoded
// whatever it shows. Bounded in bytes, drops the sources that were not looked at for longest. Thread-safe.
//
//   NearFrames::Look look = frames.look(source, tile);   // once a frame, in the order of frames
//   if (look.embedding) { use what is stored under it; if it is gone: encode }
//   else encode, store under `key`, then frames.encoded(look, key, its values);
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>

#include "base/mutex.h"
#include "fovea/key.h"
#include "near/tile_cells.h"

namespace fovea {

struct NearOptions {
  // One of 255 levels of brightness in the units of the encoder's input: 1 / (255 * its standard deviation).
  float level = 2.0F / 255;
  // Of these many frames one at least is encoded. REQUIRES: at least 1, which takes no embedding ever.
  std::uint32_t exact_every = 10;
  std::size_t bytes_max = std::size_t{64} << 20;
};

// What became of a frame's tile.
enum class NearOutcome : std::uint8_t {
  near,       // the stored embedding may be used
  first,      // nothing of this source was encoded yet
  learning,   // too few frames to know the noise
  too_noisy,  // what changes from frame to frame, in all of it or in a place, is too much for noise
  changed,    // some part of it differs by more than noise
  lighter,    // the whole tile became brighter or darker
  due,        // to be encoded, whatever it shows
  unsettled,  // the embedding encoded last lies unusually far from others of the source
};

class NearFrames {
 public:
  class Look;

  explicit NearFrames(const NearOptions& options);
  ~NearFrames();

  // Compares the tile with the encoded one of its source, and learns its noise from it. `again`: it is of the
  // frame that was looked at last, once more, and is compared only.
  // REQUIRES: as cells_of.
  Look look(const Key& source, const TileView& tile, bool again = false);
  // The tile of `look` was encoded, and its embedding has this key: later ones are compared with it. `values`
  // are the embedding's; without them, it is taken for a usual one. False where a later frame was encoded
  // before, which stays the one to compare with.
  bool encoded(const Look& look, const Key& embedding, std::span<const float> values = {});

  // Drops everything: something was purged that may be in it.
  void purge();
  // Drops what is kept of one source. A Look from before is harmless.
  void purge(const Key& source);

  std::size_t sources() const;
  std::size_t bytes() const;  // of what is kept

  // What is kept of a source with tiles of this size takes.
  static std::size_t bytes_for(std::uint32_t width, std::uint32_t height);

 private:
  struct Watch;  // one source
  struct Entry {
    Key source;
    std::shared_ptr<Watch> watch;
    std::size_t bytes;
  };
  using Entries = std::list<Entry>;  // the one looked at last first

  std::shared_ptr<Watch> find_or_add(const Key& source, const TileView& tile);
  void drop(Entries::iterator entry) FOVEA_REQUIRES(mutex_);

  const NearOptions options_;
  mutable Mutex mutex_;
  Entries entries_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<Key, Entries::iterator, KeyHash> by_source_ FOVEA_GUARDED_BY(mutex_);
  std::size_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
};

// A tile that was looked at. Keeps its cells until it is destroyed; these are not counted in bytes().
class NearFrames::Look {
 public:
  NearOutcome outcome = NearOutcome::first;
  std::optional<Key> embedding;  // where it is near: of the tile that was encoded
  std::uint32_t age = 0;         // where it is near: frames since that one

 private:
  friend NearFrames;
  std::shared_ptr<Watch> watch_;
  std::shared_ptr<const TileCells> cells_;
  std::uint64_t number_ = 0;  // of the frame, from the source's first
};

}  // namespace fovea
