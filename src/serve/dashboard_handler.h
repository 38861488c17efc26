// DashboardHandler: the page at / that shows what the server does, and what it asks for. Thread-safe. Borrows what it is made with.
//
// The page itself says nothing and is everybody's; what it shows comes with the tenant's key, and is the tenant's own. Its files
// are part of the program (src/serve/dashboard), and it may load nothing from elsewhere.
#pragma once

#include <string>

#include "serve/exchange.h"
#include "serve/kept.h"
#include "serve/recent_requests.h"
#include "serve/tenants.h"

namespace fovea::serve {

class DashboardHandler {
 public:
  struct Parts {
    const Kept& kept;
    RecentRequests& recent;
    std::string model;       // its name
    bool attention = false;  // answers are watched, so that there are heat maps
  };
  explicit DashboardHandler(Parts parts);

  // GET / and GET /dashboard/NAME. For everybody.
  void file(Exchange& exchange) const;
  // GET /v1/dashboard/state?after=ID: numbers, and the tenant's looks that are newer than that. What the levels hold, of all tenants
  // together, is for admins; others are told of their own requests.
  void state(Exchange& exchange, const Tenant& tenant);
  // GET /v1/dashboard/thumbnails/KEY: a picture that this tenant asked about.
  void thumbnail(Exchange& exchange, const Tenant& tenant);

 private:
  const Parts parts_;
  const double started_unix_ms_;
};

}  // namespace fovea::serve
