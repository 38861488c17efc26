#include "serve/send_refusal.h"

#include "serve/anthropic/error_reply.h"
#include "serve/wire/fresh_id.h"

namespace fovea::serve {

namespace {

// Anthropic's clients tell their users the id of a request that was refused. It is in a header, too.
Reply anthropic_reply(const Refusal& refusal) {
  const std::string id = fresh_id("req_");
  return {.status = refusal.status, .headers = {{"request-id", id}}, .body = anthropic::error_json(refusal, id)};
}

}  // namespace

Reply refusal_reply(const Refusal& refusal, std::string_view path, std::string_view version) {
  Reply reply = anthropic::speaks_messages(path, version) ? anthropic_reply(refusal)
                                                          : Reply{.status = refusal.status, .body = refusal.json()};
  if (refusal.retry_after_s > 0) reply.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
  if (refusal.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

void send_refusal(Exchange& exchange, const Refusal& refusal) {
  exchange.reply(refusal_reply(refusal, exchange.path(), exchange.header("anthropic-version")));
}

}  // namespace fovea::serve
