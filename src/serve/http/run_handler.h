// run_handler: what a handler thread does with a request that has come whole.
#pragma once

#include <cstdint>

#include "serve/http/body_memory.h"
#include "serve/http/http_exchange.h"
#include "serve/http/http_server.h"
#include "serve/http/route.h"

namespace fovea::serve {

// Undoes the body's coding, calls the handler, and replies where that did not. Nothing is thrown.
void run_handler(const Route& route, HttpExchange& exchange, BodyMemory& memory, std::uint64_t body_bytes_max,
                 const HttpServer::OnRefusal& on_refusal) noexcept;

}  // namespace fovea::serve
