#include "serve/send_refusal.h"

#include "serve/anthropic/error_reply.h"
#include "serve/wire/fresh_id.h"

namespace fovea::serve {

namespace {

// Anthropic's clients tell their users the id of a request that was refused. It is in a header, too.
Reply anthropic_reply(const Refusal& refusal, std::string_view request_id) {
  const std::string id = request_id.empty() ? fresh_id("req_") : std::string(request_id);
  return {.status = refusal.status, .headers = {{"request-id", id}}, .body = anthropic::error_json(refusal, id)};
}

}  // namespace

Reply refusal_reply(const Refusal& refusal, const RefusedRequest& request) {
  Reply reply = anthropic::speaks_messages(request.path, request.anthropic_version)
                    ? anthropic_reply(refusal, request.id)
                    : Reply{.status = refusal.status, .body = refusal.json()};
  if (refusal.retry_after_s > 0) reply.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
  if (refusal.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

void send_refusal(Exchange& exchange, const Refusal& refusal) {
  exchange.reply(refusal_reply(refusal, {.path = exchange.path(),
                                         .anthropic_version = exchange.header("anthropic-version"),
                                         .id = exchange.header("x-request-id")}));
}

}  // namespace fovea::serve
