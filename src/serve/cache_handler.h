// CacheHandler: /v1/cache: statistics of the levels, and removing entries. Thread-safe. Borrows what it is
// made with.
#pragma once

#include "serve/cache_admin.h"
#include "serve/dashboard/recent_requests.h"
#include "serve/exchange.h"
#include "serve/tenants.h"

namespace fovea::serve {

class CacheHandler {
 public:
  CacheHandler(CacheAdmin& cache, RecentRequests& recent) : cache_(cache), recent_(recent) {}

  // GET /v1/cache/stats. The numbers are those of all tenants together, so it is for admins only.
  void stats(Exchange& exchange, const Tenant& tenant);
  // POST /v1/cache/reset: removes all entries of this tenant; with {"tenant": NAME}, an admin removes another
  // tenant's.
  void reset(Exchange& exchange, const Tenant& tenant);
  // DELETE /v1/cache/images/KEY: removes this tenant's entries that hold the image.
  void purge_image(Exchange& exchange, const Tenant& tenant);

 private:
  CacheAdmin& cache_;
  RecentRequests& recent_;  // holds questions and images too: purged with the levels
};

}  // namespace fovea::serve
