// CacheUse: what a request lets the levels do. A plain value.
#pragma once

#include <optional>

namespace fovea {

// Whether a request may be answered from the levels, and whether its results may be kept there.
struct CacheUse {
  bool read = true;
  bool write = true;
  std::optional<double> age_max_s;  // no stored answer older than this
  bool only_stored = false;         // a stored answer or none: nothing is computed
};

}  // namespace fovea
