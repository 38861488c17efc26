// FleetRequests: the requests of a fleet's load in their order, with what events make of them. Deterministic;
// not thread-safe.
#pragma once

#include <cstdint>
#include <vector>

#include "cluster/fleet.h"
#include "cluster/node/entry.h"
#include "workload/workload.h"

namespace fovea {

class FleetRequests {
 public:
  // Copies what it needs of `fleet`.
  explicit FleetRequests(const Fleet& fleet);

  std::uint64_t count() const { return asked_.size(); }
  bool are_left() const { return next_ < asked_.size(); }
  // The next one, when `now_s` seconds have passed since the first: while a picture is viral, some are about
  // it. REQUIRES: some are left.
  FleetRequest next(double now_s);
  // The `number`-th of the noisy tenant of an event, from 0.
  FleetRequest noisy(std::size_t event, std::uint64_t number) const;

 private:
  const std::uint64_t seed_;
  const std::uint32_t questions_;
  const std::vector<FleetEvent> events_;
  const std::vector<AskedQuestion> asked_;
  std::uint64_t next_ = 0;
};

}  // namespace fovea
