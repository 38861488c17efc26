#include "serve/send_refusal.h"

namespace fovea::serve {

void send_refusal(Exchange& exchange, const Refusal& refusal) {
  Reply reply{.status = refusal.status, .body = refusal.json()};
  if (refusal.retry_after_s > 0) reply.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
  if (refusal.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  exchange.reply(std::move(reply));
}

}  // namespace fovea::serve
