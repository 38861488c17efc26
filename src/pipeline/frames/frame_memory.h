// FrameMemory: the tiles of known sources that were encoded, so that near ones can be taken for them.
//
// NearFrames says whether a tile is near; here is beside it what the tile that it is near to was: its
// embedding, so that one that was evicted elsewhere is not missed, and the picture that it is of, so that a
// purge of the picture reaches it. One bound in bytes for both; the source that was not looked at for longest
// goes first. Thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "base/mutex.h"
#include "fovea/blob.h"
#include "fovea/key.h"
#include "near/near_frames.h"
#include "pipeline/frames/frame_memory_use.h"
#include "store/purge_label.h"

namespace fovea {

// A tile that was encoded as it is.
struct EncodedTile {
  Key embedding_key;
  Blob embedding;
  double encode_ms = 0;
  Key image_key;  // of the picture that it is a tile of
};

class FrameMemory {
 public:
  // `clock` is the one by which frames age; it outlives the memory.
  explicit FrameMemory(const NearOptions& options, const Clock& clock = Clock::steady())
      : near_(options), bytes_max_(options.bytes_max), clock_(clock) {}

  // A tile that was looked at.
  struct Look {
    NearOutcome outcome = NearOutcome::first;
    // The encoded tile of its source, where the memory has one that it was compared with.
    std::optional<EncodedTile> encoded;
    double encoded_age_s = 0;  // since the frame came of which that is

    NearFrames::Look cells;
    Key source, tenant;
    double at_ms = 0;
    std::uint64_t purges = 0;

    bool is_near() const { return outcome == NearOutcome::near && encoded.has_value(); }
  };

  // Compares the tile with the encoded one of its source. `tenant` and `image_key` are what it goes by if it
  // is purged. Another question about the image that was looked at last is no new frame: nothing is learnt
  // from it, and it does not count. REQUIRES: as NearFrames::look.
  Look look(const Key& source, const Key& tenant, const Key& image_key, const TileView& tile);
  // The tile of `look` was encoded: later ones are compared with it. Nothing where something of its tenant's
  // was purged meanwhile.
  void encoded(const Look& look, EncodedTile tile);

  // Drops the sources whose encoded tile, or the last one looked at, is covered.
  void purge(const PurgeLabel& label);

  // How often something was purged.
  std::uint64_t purges() const;
  // Whether something of the tenant's was purged since purges() was `purges`. True also where that was too
  // many purges ago to know.
  bool purged_since(std::uint64_t purges, const Key& tenant) const;

  FrameMemoryUse use() const;

 private:
  struct Entry {
    Key source, tenant;
    // The images that were looked at last, the last one first. One would do if requests of a source came one
    // after another.
    std::array<Key, 4> seen;
    std::optional<EncodedTile> encoded;
    double encoded_at_ms = 0;  // when its frame was looked at
    std::uint64_t cell_bytes = 0;

    std::uint64_t bytes() const { return cell_bytes + sizeof(Entry) + (encoded ? encoded->embedding.size() : 0); }
  };
  using Entries = std::list<Entry>;  // the one looked at last first

  bool was_purged(std::uint64_t purges, const Key& tenant) const FOVEA_REQUIRES(mutex_);
  Entry& find_or_add(const Key& source) FOVEA_REQUIRES(mutex_);
  void drop(Entries::iterator entry) FOVEA_REQUIRES(mutex_);
  void make_room() FOVEA_REQUIRES(mutex_);

  NearFrames near_;
  const std::uint64_t bytes_max_;
  const Clock& clock_;
  mutable Mutex mutex_;  // taken before near_'s
  std::uint64_t purges_ FOVEA_GUARDED_BY(mutex_) = 0;
  // Whose the last purges were, the last one behind; absent: everybody's.
  std::deque<std::optional<Key>> purged_last_ FOVEA_GUARDED_BY(mutex_);
  std::uint64_t bytes_ FOVEA_GUARDED_BY(mutex_) = 0;
  Entries entries_ FOVEA_GUARDED_BY(mutex_);
  std::unordered_map<Key, Entries::iterator, KeyHash> by_source_ FOVEA_GUARDED_BY(mutex_);
};

}  // namespace fovea
