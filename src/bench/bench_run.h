// run_bench: asks targets what a script says, and hands on what each answer took.
//
// One after another (`clients` = 1, no arrivals): each request is asked of all targets in turn, in an order of chance, so
// that a machine that becomes slower meanwhile becomes so for all. Otherwise a target has the machine for itself while it is asked, one
// target after the other: load is what is measured then.
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
  // It is asked one request in so many, and all controls: enough to know what never depends on what came before (no cache).
  // REQUIRES: 1 unless all are asked in turns.
  std::uint32_t every = 1;
};

struct BenchOptions {
  std::uint32_t clients = 1;
  // When each request is asked, in milliseconds since the start (an open load: it does not wait for answers); empty = when a client is free.
  // Requests beyond its end begin it anew.
  std::vector<double> arrivals_ms;
  std::uint32_t passes = 1;  // 2: everything once more, when all is known
  // Called where the scenario restarts what answers, after the targets' own restart().
  std::function<Result<void>()> restart;
  std::function<Result<void>(const BenchRecord&)> on_record;  // one at a time
  Progress progress;
};

// Faults: those of the pictures; of a target that cannot answer five requests in a row; cancelled; those of the callbacks.
Result<void> run_bench(const Scenario& scenario, const Script& script, PictureSet& pictures,
                       std::span<BenchedTarget> targets, const BenchOptions& options, const std::stop_token& stop);

}  // namespace fovea
