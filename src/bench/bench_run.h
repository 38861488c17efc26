// run_bench: sends the requests of a script to targets, and hands on what each answer took.
//
// With one client and no arrivals, each request goes to all targets before the next one does, in a random
// order: if the machine becomes slower, it does so for all targets. Otherwise each target has the machine for
// itself, one target after the other, because load is measured then.
//
// Thread safety: one run at a time uses its targets and pictures. Borrows everything for the call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/progress.h"
#include "bench/raw_results.h"
#include "bench/target.h"
#include "workload/picture_set.h"
#include "workload/script.h"

namespace fovea {

struct BenchedTarget {
  std::unique_ptr<Target> target;
  // It gets one request in `every`, and all controls. That is enough for a target without cache, whose times
  // depend on nothing before. REQUIRES: 1 unless the targets are asked in turns.
  std::uint32_t every = 1;
};

struct BenchOptions {
  std::uint32_t clients = 1;
  // When each request is sent, in milliseconds since the start (an open load: it does not wait for answers).
  // Empty: when a client is free. If there are more requests than arrivals, the arrivals repeat.
  std::vector<double> arrivals_ms;
  std::uint32_t passes = 1;  // 2: all requests once more, when everything is known
  // Called where the scenario restarts the targets, after their own restart().
  std::function<Result<void>()> restart;
  std::function<Result<void>(const BenchRecord&)> on_record;  // one at a time
  Progress progress;
};

// Faults: those of the pictures; unavailable (a target failed five requests in a row); cancelled; those of
// the callbacks.
Result<void> run_bench(const Scenario& scenario, const Script& script, PictureSet& pictures,
                       std::span<BenchedTarget> targets, const BenchOptions& options, const std::stop_token& stop);

}  // namespace fovea
