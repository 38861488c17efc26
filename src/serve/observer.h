// Observer: is told of each request that was answered or refused, for metrics, logs and the dashboard.
// Thread-safe. Called on the request's thread, after its reply was sent.
#pragma once

#include <string>

#include "pipeline/request.h"
#include "serve/tenants.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// One request that was answered or refused. Borrowed for the call.
struct Served {
  const Tenant& tenant;
  const Request& request;
  const Answer* answer = nullptr;  // exactly one of these two is set
  const Refusal* refusal = nullptr;
};

class Observer {
 public:
  virtual ~Observer() = default;
  virtual void served(const Served& served) = 0;
};

}  // namespace fovea::serve
