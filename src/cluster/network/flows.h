// Flows: bytes on their way from one place to another, through links that they share with other flows.
//
// A place is a machine with a link to the core of the network, or the core itself, which has none. A flow
// takes the latencies of both links, and then its share of the rate of the slower one. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>

namespace fovea {

// A machine, numbered from 0; `core` is the place behind no link.
using Place = std::uint32_t;
constexpr Place core = UINT32_MAX;

class Flows {
 public:
  using Id = std::uint64_t;
  using Arrived = std::move_only_function<void()>;

  virtual ~Flows() = default;

  // Begins to send. `arrived` is called when the last byte is there, not within this call.
  // REQUIRES: two different places.
  virtual Id begin(Place from, Place to, double bytes, Arrived arrived) = 0;
  // Gives a flow up that has not arrived; the bytes that had not passed. `arrived` is not called.
  virtual double cancel(Id id) = 0;
};

}  // namespace fovea
