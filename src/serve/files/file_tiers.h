// FileTiers: uploaded files in the tiers behind a process's memory: so a file is found after a restart, and
// where the tier is shared, on every node. Thread-safe. Borrows the tiers, which must outlive it.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "serve/files/stored_file.h"
#include "store/lane/tier_lane.h"
#include "store/store.h"

namespace fovea::serve {

class FileTiers {
 public:
  explicit FileTiers(const Tiers& tiers);

  // Writes `file`. Returns when it is written, or after a bounded time; what is not written by then still
  // waits.
  void add(const StoredFile& file);
  // nullopt where no tier has it, or its time is over: then where it was found it is removed, if that works.
  std::optional<StoredFile> find(std::string_view tenant, std::string_view id);
  // Found nowhere from then on: by those that share a tier as soon as they learn of it
  // (store/purge_follower.h).
  void remove(std::string_view tenant, std::string_view id);

 private:
  const Tiers& tiers_;
  const std::unique_ptr<Store> store_;
};

}  // namespace fovea::serve
