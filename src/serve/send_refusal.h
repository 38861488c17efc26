// send_refusal: sends a Refusal as the reply to a request, in the form of the API that was asked.
#pragma once

#include "serve/exchange.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// What tells how a request is replied to.
struct RefusedRequest {
  std::string_view path;
  std::string_view anthropic_version;  // of the header; empty = none
  std::string_view id;                 // of X-Request-Id; empty = a fresh one
};

// The refusal's status and OpenAI's error object, or Anthropic's where the path is one of Anthropic's API or
// the request has an anthropic-version header. With Retry-After where the refusal says when to come again,
// and WWW-Authenticate for 401.
Reply refusal_reply(const Refusal& refusal, const RefusedRequest& request);

// Replies with refusal_reply().
void send_refusal(Exchange& exchange, const Refusal& refusal);

}  // namespace fovea::serve
