// TrafficCount: how much there was in a log, and how its requests' tokens are counted. Not thread-safe.
#pragma once

#include "audit/findings.h"
#include "audit/prompts/placed_request.h"
#include "audit/prompts/token_fit.h"

namespace fovea {

class TrafficCount {
 public:
  void see(const PlacedRequest& placed);
  void see_failed() { ++traffic_.failed; }

  TokenFit fit() const { return fitter_.fit(); }
  // Of the log's own durations; nullopt where it has none.
  std::optional<double> mean_duration_ms() const;
  AuditTraffic findings(const RequestPlacer& placer) const;

 private:
  AuditTraffic traffic_;
  TokenFitter fitter_;
  PromptSize uncounted_;  // of prompts without usage
  double first_ms_ = 0, last_ms_ = 0, durations_ms_ = 0;
  bool timed_ = false;
};

}  // namespace fovea
