// OutcomeRecorder: counts what became of requests, and makes times of it. Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cluster/balancer/balancer.h"
#include "cluster/fleet_outcome.h"
#include "cluster/node/entry.h"

namespace fovea {

class OutcomeRecorder {
 public:
  // A class for each node.
  explicit OutcomeRecorder(std::vector<std::uint32_t> class_of);

  // `request` ended at `now_ms`.
  void ended(const FleetRequest& request, const FleetAnswer& answer, double now_ms);
  // Bytes that have come from the shared tier in all.
  void fetched(double bytes, double now_ms);
  std::uint64_t requests() const { return outcome_.requests; }

  // What it has counted, into `outcome`: requests, failures, times, seconds, and of classes their requests,
  // times and busiest nodes. All of the load's own but for the times and failures of noisy tenants.
  void finish(FleetOutcome& outcome);

 private:
  struct Second {
    FleetSecond counts;
    double sum_ms = 0;
    std::uint64_t answered = 0;
  };
  Second& second_of(double now_ms);

  const std::vector<std::uint32_t> class_of_;
  FleetOutcome outcome_;
  std::vector<double> noisy_ms_;
  std::array<std::vector<double>, ways> ms_by_way_;  // of the load's own
  std::vector<std::vector<double>> ms_by_class_;
  std::vector<std::uint64_t> requests_of_, from_memory_of_;  // by node
  std::vector<Second> seconds_;
  Second beyond_;  // of what came after the last second that is kept
  double fetched_bytes_ = 0;
};

// Sorts `ms`.
TimesOf times_of(std::vector<double>& ms);

}  // namespace fovea
