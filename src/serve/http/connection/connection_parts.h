// ConnectionParts: what all connections of a server share. Thread-safe, and outlives them.
#pragma once

#include <atomic>
#include <cstddef>

#include "serve/http/body_memory.h"
#include "serve/http/handler_pool.h"
#include "serve/http/http_server.h"
#include "serve/http/message/cors.h"
#include "serve/http/open_requests.h"
#include "serve/http/route.h"

namespace fovea::serve {

struct ConnectionParts {
  const HttpServerOptions& options;
  const RouteTable& routes;
  const Cors& cors;
  BodyMemory& memory;
  HandlerPool& handlers;
  HandlerPool& apart;  // for routes that say so
  OpenRequests& open;
  const std::atomic<bool>& draining;
  std::atomic<std::size_t>& unanswered;  // requests whose reply was not written yet
  const HttpServer::OnRefusal& on_refusal;
};

}  // namespace fovea::serve
