#include "serve/http/run_handler.h"

#include <exception>
#include <string>

#include "serve/send_refusal.h"
#include "serve/wire/json_scope.h"

namespace fovea::serve {

void run_handler(const Route& route, HttpExchange& exchange, BodyMemory& memory,
                 std::uint64_t body_bytes_max) noexcept {
  std::string why;
  try {
    if (const auto decoded = exchange.decode(memory, body_bytes_max); !decoded)
      return send_refusal(exchange, decoded.error());
    const JsonScope scope(exchange.body());
    route.handler(exchange);
  } catch (const std::exception& error) {
    why = error.what();
  }
  if (!exchange.replied()) send_refusal(exchange, {500, "the request could not be handled: " + why, {}, "internal"});
}

}  // namespace fovea::serve
