#include "serve/http/run_handler.h"

#include <exception>
#include <string>

#include "serve/send_refusal.h"
#include "serve/wire/json_scope.h"

namespace fovea::serve {

namespace {

Refusal not_handled(std::string_view why) {
  return {500, std::string("the request could not be handled: ").append(why), {}, "internal"};
}

// What is left to reply.
Refusal handle(const Route& route, HttpExchange& exchange, BodyMemory& memory, std::uint64_t body_bytes_max) try {
  if (auto decoded = exchange.decode(memory, body_bytes_max); !decoded) return std::move(decoded.error());
  const JsonScope scope(exchange.body());
  route.handler(exchange);
  return not_handled("");
} catch (const std::exception& error) {
  return not_handled(error.what());
}

}  // namespace

void run_handler(const Route& route, HttpExchange& exchange, BodyMemory& memory, std::uint64_t body_bytes_max,
                 const HttpServer::OnRefusal& on_refusal) noexcept {
  const Refusal refusal = handle(route, exchange, memory, body_bytes_max);
  if (exchange.replied()) return;
  on_refusal(refusal.status);
  send_refusal(exchange, refusal);
}

}  // namespace fovea::serve
