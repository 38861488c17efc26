// SimGridWorld: the virtual clock and the network of a simulation, by SimGrid.
//
// Each place hangs at the core of the network by one link of two directions. SimGrid shares a link among the
// flows that pass it (max-min), with the parameters that agreed with a real shaped link (simgrid_world.cc).
// SimGrid has one clock for each process, which never goes back: one world at a time, and the next one begins
// where that ended. Not thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "cluster/fleet.h"
#include "cluster/network/flows.h"
#include "cluster/network/timeline.h"

namespace fovea {

class SimGridWorld final : public Timeline, public Flows {
 public:
  // A place for each of `links`.
  explicit SimGridWorld(std::span<const FleetLink> links);
  ~SimGridWorld() override;
  SimGridWorld(const SimGridWorld&) = delete;
  SimGridWorld& operator=(const SimGridWorld&) = delete;

  double now_ms() const override;
  void after(double ms, Action action) override;
  Id begin(Place from, Place to, double bytes, Arrived arrived) override;
  double cancel(Id id) override;

  // Lets happen what is to happen, until stop() is called. REQUIRES: once; it comes to a stop().
  void run();
  void stop();

  std::uint64_t events() const;    // that happened on the timeline
  std::uint64_t messages() const;  // that were begun

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace fovea
