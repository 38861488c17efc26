// Caller: the request that an engine works for, its tenant, and when to stop. A plain value.
//
// Where several requests wait, tenants get equal shares, and so do the requests of a tenant. Both are only
// numbers that tell one from another.
#pragma once

#include <cstdint>
#include <stop_token>

namespace fovea {

struct Caller {
  std::uint64_t tenant = 0;
  std::uint64_t request = 0;
  std::stop_token stop;  // once requested, waiting and computing end in Fault::cancelled
};

}  // namespace fovea
