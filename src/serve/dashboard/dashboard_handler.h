// DashboardHandler: the page at / that shows what the server does, and the JSON that the page polls.
//
// The page itself holds no data and is for everybody. The data needs the tenant's key and is that tenant's
// own. The page's files lie beside this one and are compiled into the program; the page may load nothing from
// elsewhere. Thread-safe. Borrows what it is made with.
#pragma once

#include <string>

#include "serve/cache_admin.h"
#include "serve/dashboard/recent_requests.h"
#include "serve/exchange.h"
#include "serve/tenants.h"

namespace fovea::serve {

class DashboardHandler {
 public:
  struct Parts {
    const CacheAdmin& cache;
    RecentRequests& recent;
    std::string model;       // its name
    bool attention = false;  // attention is observed, so that there are heat maps
  };
  explicit DashboardHandler(Parts parts);

  // GET / and GET /dashboard/NAME. For everybody.
  void file(Exchange& exchange) const;
  // GET /v1/dashboard/state?after=ID: numbers, and the tenant's recent requests with a higher id. Admins get
  // the numbers of the levels and tiers, of all tenants together; others get counts of their own requests.
  void state(Exchange& exchange, const Tenant& tenant);
  // GET /v1/dashboard/thumbnails/KEY: an image that this tenant asked about, made small.
  void thumbnail(Exchange& exchange, const Tenant& tenant);

 private:
  const Parts parts_;
  const double started_unix_ms_;
};

}  // namespace fovea::serve
