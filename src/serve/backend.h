// Backend: what answers questions: a pipeline in front of an engine of our own, or a relay in front of
// another server.
//
// The two differ in what they cache and in what a request may say; a client should not notice which one
// answers. Thread-safe.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "pipeline/request.h"
#include "serve/cache_admin.h"
#include "serve/exchange.h"
#include "serve/tenants.h"

namespace fovea::serve {

// A way to ask a backend that only some backends have. Method and path are those of HttpServer::Route.
struct BackendRoute {
  std::string method;
  std::string path;
  std::function<void(Exchange&, const Tenant&)> handle;
};

class Backend : public CacheAdmin {
 public:
  // POST /v1/chat/completions, whole or as a stream.
  virtual void chat(Exchange& exchange, const Tenant& tenant) = 0;
  // POST /v1/responses, likewise.
  virtual void responses(Exchange& exchange, const Tenant& tenant) = 0;
  // GET /v1/models and /v1/models/ID.
  virtual void models(Exchange& exchange) = 0;
  virtual void model(Exchange& exchange) = 0;
  // What else it answers to tenants. The handlers live no longer than the backend.
  virtual std::vector<BackendRoute> routes() { return {}; }

  // Decodes and encodes the request's images ahead of the first question, as far as this backend encodes.
  // Listener::on_start is called once all of them are known to be images. Faults: those of decode().
  virtual Result<RequestReport> warm(const Request& request, const Listener& listener, const std::stop_token& stop) = 0;
  // Refused where warm() keeps nothing, with the reason.
  virtual Parsed<void> keeps_what_it_warms() const = 0;
};

}  // namespace fovea::serve
