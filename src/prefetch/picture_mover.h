// PictureMover: what a Prefetcher moves, as who keeps the records of pictures knows it. An interface, so that
// this room need not know what a picture's records are. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "fovea/key.h"
#include "prefetch/prefetch_account.h"

namespace fovea {

// A picture that was asked about before, and where its records are.
struct KnownPicture {
  Key scope;
  Key tiling;                 // under which its tiles' embeddings are listed
  std::optional<Key> prefix;  // the decoder's state behind it, if it would serve the next request
};

class PictureMover {
 public:
  virtual ~PictureMover() = default;
  // Whether memory lacks what a request about the picture would look up. Asks no tier, and counts nothing.
  virtual bool lacks(const KnownPicture& picture) = 0;
  // How long a request would wait for it, about.
  virtual double wait_ms(const KnownPicture& picture) = 0;
  // Brings it to memory from where it is found. The result is what came.
  virtual std::vector<PrefetchAccount::Part> move(const KnownPicture& picture, const std::stop_token& stop) = 0;
  // Whether memory has what was moved under this key.
  virtual bool in_memory(const Key& key) const = 0;

  struct Turnover {
    std::uint64_t entries = 0;    // in memory now
    std::uint64_t evictions = 0;  // since it was made
  };
  virtual Turnover turnover() const = 0;
};

}  // namespace fovea
