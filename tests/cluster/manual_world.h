// ManualWorld: a virtual clock and flows without SimGrid: each flow has its links to itself. For tests of
// what stands on them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "cluster/fleet.h"
#include "cluster/network/event_queue.h"
#include "cluster/network/flows.h"
#include "cluster/network/timeline.h"

namespace fovea::test {

class ManualWorld final : public Timeline, public Flows {
 public:
  explicit ManualWorld(std::vector<FleetLink> links = {}) : links_(std::move(links)) {}

  double now_ms() const override { return now_ms_; }
  void after(double ms, Action action) override { queue_.add(now_ms_ + std::max(ms, 0.0), std::move(action)); }

  Id begin(Place from, Place to, double bytes, Arrived arrived) override {
    const Id id = ++begun_;
    double latency_ms = 0, rate = 1e12;
    for (const Place place : {from, to}) {
      if (place == core) continue;
      latency_ms += links_[place].latency_ms;
      rate = std::min(rate, links_[place].bytes_per_ms);
    }
    flows_.emplace(id, Flow{now_ms_ + latency_ms, bytes, rate, std::move(arrived)});
    after(latency_ms + bytes / rate, [this, id] {
      auto flow = flows_.extract(id);
      if (flow) flow.mapped().arrived();
    });
    return id;
  }
  double cancel(Id id) override {
    const auto flow = flows_.extract(id);
    if (!flow) return 0;
    return flow.mapped().bytes - std::max(now_ms_ - flow.mapped().starts_ms, 0.0) * flow.mapped().rate;
  }

  // Lets happen what is to happen until then; without a time, everything.
  void run(double until_ms = 1e15) {
    while (!queue_.empty() && queue_.next() <= until_ms) {
      now_ms_ = queue_.next();
      queue_.run_next();
    }
    if (until_ms < 1e15) now_ms_ = std::max(now_ms_, until_ms);
  }
  Id begun() const { return begun_; }

 private:
  struct Flow {
    double starts_ms, bytes, rate;
    Arrived arrived;
  };

  const std::vector<FleetLink> links_;
  EventQueue queue_;
  double now_ms_ = 0;
  std::map<Id, Flow> flows_;
  Id begun_ = 0;
};

}  // namespace fovea::test
