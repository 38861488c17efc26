#include "cluster/fleet_outcome.h"

namespace fovea {

std::string_view to_string(Way way) {
  constexpr std::string_view names[] = {"response",       "joined",           "prefix",           "embedding_memory",
                                        "embedding_disk", "embedding_shared", "embedding_joined", "encoded"};
  return names[static_cast<std::size_t>(way)];
}

std::string_view to_string(FleetFailure failure) {
  constexpr std::string_view names[] = {"no_node", "node_died", "broken_off", "node_silent", "busy"};
  return names[static_cast<std::size_t>(failure)];
}

}  // namespace fovea
