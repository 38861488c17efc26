// StoredPictures: a PictureMover over the stores of the levels. Thread-safe. Borrows the stores, which
// outlive it.
#pragma once

#include <optional>

#include "pipeline/levels/stored_tiling.h"
#include "prefetch/picture_mover.h"
#include "store/store.h"

namespace fovea {

class StoredPictures final : public PictureMover {
 public:
  struct Stores {
    Store& embeddings;
    Store& tilings;
    Store& prefixes;
  };
  explicit StoredPictures(const Stores& stores) : stores_(stores) {}

  bool lacks(const KnownPicture& picture) override;
  double wait_ms(const KnownPicture& picture) override;
  std::vector<PrefetchAccount::Part> move(const KnownPicture& picture, const std::stop_token& stop) override;
  bool in_memory(const Key& key) const override;
  Turnover turnover() const override;

 private:
  std::optional<StoredTiling> tiling_in_memory(const KnownPicture& picture);

  const Stores stores_;
};

}  // namespace fovea
