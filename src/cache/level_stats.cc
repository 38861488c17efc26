#include "fovea/level_stats.h"

namespace fovea {

std::string_view to_string(MissReason reason) {
  constexpr std::array<std::string_view, miss_reasons> names = {"never_seen", "evicted", "expired", "erased",
                                                                "other_tenant"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view to_string(BypassReason reason) {
  constexpr std::array<std::string_view, bypass_reasons> names = {"too_large", "declined", "pinned"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view to_string(EvictionReason reason) {
  constexpr std::array<std::string_view, eviction_reasons> names = {"capacity", "resized", "expired"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace fovea
