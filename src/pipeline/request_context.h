// RequestContext: what every level needs to know of the request that is being answered. Lives for one call of
// the pipeline; used by one thread.
#pragma once

#include <vector>

#include "engine/caller.h"
#include "fovea/key.h"
#include "pipeline/levels/scope.h"
#include "pipeline/request.h"
#include "pipeline/request_report.h"

namespace fovea {

struct RequestContext {
  const Request& request;
  const Listener& listener;
  const Scope scope;
  const Caller caller;
  RequestReport report;
  // What this request's embeddings and prefix cost when they were made, by whomever
  double parts_cost_ms = 0;
  std::vector<Key> embedding_keys;  // of every tile of the request, where they are known

  // A hit made `cost_ms` of compute unnecessary.
  void save(double cost_ms) {
    report.saved_ms += cost_ms;
    parts_cost_ms += cost_ms;
  }
};

}  // namespace fovea
