// Every answer's time is kept until the end: 8 bytes each, for percentiles that are exact. They are kept by
// way and by class; all of them together are put together from the ways.
#include "cluster/outcome_recorder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fovea {

namespace {

double rank(const std::vector<double>& sorted, double share) {
  const auto count = static_cast<double>(sorted.size());
  const auto at = static_cast<std::size_t>(std::max(std::ceil(share * count), 1.0)) - 1;
  return sorted[at];
}

}  // namespace

TimesOf times_of(std::vector<double>& ms) {
  if (ms.empty()) return {};
  std::ranges::sort(ms);
  return {.count = ms.size(),
          .mean_ms = std::accumulate(ms.begin(), ms.end(), 0.0) / static_cast<double>(ms.size()),
          .p50_ms = rank(ms, 0.5),
          .p95_ms = rank(ms, 0.95),
          .p99_ms = rank(ms, 0.99)};
}

OutcomeRecorder::OutcomeRecorder(std::vector<std::uint32_t> class_of)
    : class_of_(std::move(class_of)), requests_of_(class_of_.size()), from_memory_of_(class_of_.size()) {
  const std::uint32_t classes = class_of_.empty() ? 0 : std::ranges::max(class_of_) + 1;
  ms_by_class_.resize(classes);
}

OutcomeRecorder::Second& OutcomeRecorder::second_of(double now_ms) {
  const auto second = static_cast<std::size_t>(std::max(now_ms, 0.0) / 1000);
  if (second >= fleet_seconds_max) return beyond_;
  if (second >= seconds_.size()) seconds_.resize(second + 1);
  return seconds_[second];
}

void OutcomeRecorder::ended(const FleetRequest& request, const FleetAnswer& answer, double now_ms) {
  if (request.tenant != 0) {
    if (answer.failure)
      ++outcome_.noisy_failed;
    else
      noisy_ms_.push_back(answer.ms);
    return;
  }
  Second& second = second_of(now_ms);
  ++outcome_.requests;
  ++second.counts.requests;
  outcome_.resent += answer.resent;
  if (answer.failure) {
    ++outcome_.failed;
    ++outcome_.failures[static_cast<std::size_t>(*answer.failure)];
    ++second.counts.failed;
    return;
  }
  ++outcome_.answered;
  ++requests_of_[answer.node];
  ++second.answered;
  second.sum_ms += answer.ms;
  if (answer.served.from_memory) {
    ++outcome_.from_memory;
    ++second.counts.from_memory;
    ++from_memory_of_[answer.node];
  }
  if (answer.served.way == Way::encoded) ++second.counts.encoded;
  ms_by_way_[static_cast<std::size_t>(answer.served.way)].push_back(answer.ms);
  ms_by_class_[class_of_[answer.node]].push_back(answer.ms);
}

void OutcomeRecorder::fetched(double bytes, double now_ms) {
  second_of(now_ms).counts.fetched_bytes += bytes - fetched_bytes_;
  fetched_bytes_ = bytes;
}

void OutcomeRecorder::finish(FleetOutcome& outcome) {
  outcome.requests = outcome_.requests;
  outcome.answered = outcome_.answered;
  outcome.failed = outcome_.failed;
  outcome.failures = outcome_.failures;
  outcome.resent = outcome_.resent;
  outcome.from_memory = outcome_.from_memory;
  std::vector<double> all;
  for (std::size_t way = 0; way < ways; ++way) {
    all.insert(all.end(), ms_by_way_[way].begin(), ms_by_way_[way].end());
    outcome.by_way[way] = times_of(ms_by_way_[way]);
  }
  outcome.times = times_of(all);
  outcome.noisy_times = times_of(noisy_ms_);
  outcome.noisy_failed = outcome_.noisy_failed;
  for (std::size_t i = 0; i < ms_by_class_.size(); ++i) outcome.classes[i].times = times_of(ms_by_class_[i]);
  for (std::size_t node = 0; node < class_of_.size(); ++node) {
    ClassOutcome& of = outcome.classes[class_of_[node]];
    of.requests += requests_of_[node];
    of.from_memory += from_memory_of_[node];
    const double share = outcome.share(requests_of_[node]);
    of.busiest_share = std::max(of.busiest_share, share);
  }
  for (const Second& second : seconds_) {
    outcome.seconds.push_back(second.counts);
    if (second.answered > 0) outcome.seconds.back().mean_ms = second.sum_ms / static_cast<double>(second.answered);
  }
}

}  // namespace fovea
