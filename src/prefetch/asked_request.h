// AskedRequest: what a Prefetcher is told of a request that was answered. Plain values.
#pragma once

#include <optional>
#include <vector>

#include "fovea/key.h"
#include "prefetch/prefetch_account.h"

namespace fovea {

struct AskedPicture {
  Key picture;
  Key tiling;  // as in KnownPicture
};

struct AskedRequest {
  Key scope;
  Key session;
  std::vector<AskedPicture> pictures;  // in the request's order
  // Of a request about one picture that was read: the hash of the prompt before the picture, and behind it.
  // Another picture behind the same beginning has its state under the key of both.
  std::optional<Key> lead;
  std::optional<Key> prefix;
  std::vector<PrefetchAccount::LookedUp> looked_up;  // embeddings and prefixes
  bool computed = false;                             // false: a stored answer, which needs none of them
  double began_ms = 0;                               // by Clock::steady()
};

}  // namespace fovea
