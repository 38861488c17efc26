// CacheHandler: what the levels hold, and emptying them: /v1/cache. Thread-safe. Borrows what it is made with.
#pragma once

#include "serve/exchange.h"
#include "serve/kept.h"
#include "serve/recent_requests.h"
#include "serve/tenants.h"

namespace fovea::serve {

class CacheHandler {
 public:
  CacheHandler(Kept& kept, RecentRequests& recent) : kept_(kept), recent_(recent) {}

  // GET /v1/cache/stats. Of all tenants together, so for admins only.
  void stats(Exchange& exchange, const Tenant& tenant);
  // POST /v1/cache/reset: what was kept for this tenant goes; with {"tenant": NAME}, an admin empties another one's.
  void reset(Exchange& exchange, const Tenant& tenant);
  // DELETE /v1/cache/images/KEY: what was kept of this picture for this tenant goes.
  void purge_image(Exchange& exchange, const Tenant& tenant);

 private:
  Kept& kept_;
  RecentRequests& recent_;  // hold questions and pictures too, which shall go with the rest
};

}  // namespace fovea::serve
