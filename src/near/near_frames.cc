// The table of sources has a lock of its own, held for a look-up; comparing takes the lock of one source. A
// source that is dropped while it is looked at lives until then, and is forgotten with what it learnt.
#include "near/near_frames.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "near/nearness.h"
#include "near/noise_model.h"
#include "near/settling.h"

namespace fovea {

// The numbers of a reference, of the frame before and of the noise of single cells make up nearly all of it.
struct NearFrames::Watch {
  Watch(float level, std::uint32_t tile_width, std::uint32_t tile_height)
      : width(tile_width), height(tile_height), noise(level) {}

  const std::uint32_t width, height;
  Mutex mutex;
  NoiseModel noise FOVEA_GUARDED_BY(mutex);
  std::shared_ptr<const TileCells> before FOVEA_GUARDED_BY(mutex);     // the last frame
  std::shared_ptr<const TileCells> reference FOVEA_GUARDED_BY(mutex);  // the one that was encoded
  Key embedding FOVEA_GUARDED_BY(mutex);                               // its key
  Settling settling FOVEA_GUARDED_BY(mutex);
  std::uint64_t looks FOVEA_GUARDED_BY(mutex) = 0;           // frames looked at
  std::uint64_t reference_look FOVEA_GUARDED_BY(mutex) = 0;  // the number of the reference's

  std::uint64_t since() const FOVEA_REQUIRES(mutex) { return looks - reference_look; }

  NearOutcome compare(const TileCells& now, std::uint32_t exact_every) FOVEA_REQUIRES(mutex) {
    if (!reference) return NearOutcome::first;
    if (since() >= exact_every) return NearOutcome::due;
    if (!noise.learnt()) return NearOutcome::learning;
    if (!noise.usable()) return NearOutcome::too_noisy;
    if (!settling.settled()) return NearOutcome::unsettled;
    switch (nearness(*reference, now, noise)) {
      case Nearness::near:
        return NearOutcome::near;
      case Nearness::lighter:
        return NearOutcome::lighter;
      case Nearness::changed:
        break;
    }
    return NearOutcome::changed;
  }
};

NearFrames::NearFrames(const NearOptions& options) : options_(options) {
  check(options.exact_every > 0 && options.level > 0, "near frames have an interval and a level");
}

NearFrames::~NearFrames() = default;

NearFrames::Look NearFrames::look(const Key& source, const TileView& tile, bool again) {
  Look look;
  look.cells_ = std::make_shared<const TileCells>(cells_of(tile));
  look.watch_ = find_or_add(source, tile);
  Watch& watch = *look.watch_;
  MutexLock lock(watch.mutex);
  if (!again) ++watch.looks;
  look.number_ = watch.looks;
  look.outcome = watch.compare(*look.cells_, options_.exact_every);
  if (look.outcome == NearOutcome::near) {
    look.embedding = watch.embedding;
    look.age = static_cast<std::uint32_t>(watch.since());
  }
  if (again) return look;
  if (watch.before) watch.noise.learn(*watch.before, *look.cells_);
  watch.before = look.cells_;
  return look;
}

// Frames may be encoded in another order than they came: the last to come is the reference. The same
// embedding once more says nothing of how far two of them lie from each other.
bool NearFrames::encoded(const Look& look, const Key& embedding, std::span<const float> values) {
  check(look.watch_ != nullptr, "a tile was looked at before it was encoded");
  Watch& watch = *look.watch_;
  MutexLock lock(watch.mutex);
  if (watch.reference && look.number_ < watch.reference_look) return false;
  const bool same = watch.reference && watch.embedding == embedding;
  watch.reference = look.cells_;
  watch.reference_look = look.number_;
  watch.embedding = embedding;
  if (!same) watch.settling.add(values, look.outcome == NearOutcome::changed || look.outcome == NearOutcome::lighter);
  return true;
}

// One too large for the bound is compared with nothing and kept nowhere, as it is dropped at once.
std::shared_ptr<NearFrames::Watch> NearFrames::find_or_add(const Key& source, const TileView& tile) {
  MutexLock lock(mutex_);
  if (const auto found = by_source_.find(source); found != by_source_.end()) {
    const auto entry = found->second;
    if (entry->watch->width == tile.width && entry->watch->height == tile.height) {
      entries_.splice(entries_.begin(), entries_, entry);
      return entry->watch;
    }
    drop(entry);
  }
  auto watch = std::make_shared<Watch>(options_.level, tile.width, tile.height);
  const std::size_t bytes = bytes_for(tile.width, tile.height);
  entries_.push_front({source, watch, bytes});
  by_source_.emplace(source, entries_.begin());
  bytes_ += bytes;
  while (bytes_ > options_.bytes_max) drop(std::prev(entries_.end()));
  return watch;
}

void NearFrames::drop(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_source_.erase(entry->source);
  entries_.erase(entry);
}

void NearFrames::purge() {
  MutexLock lock(mutex_);
  by_source_.clear();
  entries_.clear();
  bytes_ = 0;
}

void NearFrames::purge(const Key& source) {
  MutexLock lock(mutex_);
  if (const auto found = by_source_.find(source); found != by_source_.end()) drop(found->second);
}

std::size_t NearFrames::sources() const {
  MutexLock lock(mutex_);
  return entries_.size();
}

std::size_t NearFrames::bytes() const {
  MutexLock lock(mutex_);
  return bytes_;
}

// Means and spreads of two frames, and two variances of each: eight numbers for each cell and channel; and
// values of an embedding. Half of a KiB is the table's own.
std::size_t NearFrames::bytes_for(std::uint32_t width, std::uint32_t height) {
  std::size_t columns = std::max(1U, width / cell_sides.front()), rows = std::max(1U, height / cell_sides.front());
  std::size_t numbers = 0;
  for (std::size_t grid = 0; grid < cell_sides.size(); ++grid) {
    numbers += cell_channels * columns * rows;
    columns = std::max<std::size_t>(1, columns / 2);
    rows = std::max<std::size_t>(1, rows / 2);
  }
  return (8 * numbers + Settling::sample_max) * sizeof(float) + sizeof(Watch) + 512;
}

}  // namespace fovea
