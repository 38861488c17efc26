// Caller: on whose behalf an engine works, and until when. A plain value.
//
// Where several wait, tenants get equal shares, and so do the requests of a tenant; so both are numbers that mean
// nothing but themselves.
#pragma once

#include <cstdint>
#include <stop_token>

namespace fovea {

struct Caller {
  std::uint64_t tenant = 0;
  std::uint64_t request = 0;
  std::stop_token stop;  // requested: what is waited for or computed is given up, and ends in Fault::cancelled
};

}  // namespace fovea
