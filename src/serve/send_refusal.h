// send_refusal: sends a Refusal as the reply to a request, in the form of the API that was asked.
#pragma once

#include "serve/exchange.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// The reply to a request for `path`: the refusal's status and OpenAI's error object, or Anthropic's where the
// path is one of Anthropic's API or the request has an anthropic-version header (`version`). With Retry-After
// where the refusal says when to come again, and WWW-Authenticate for 401.
Reply refusal_reply(const Refusal& refusal, std::string_view path, std::string_view version);

// Replies with refusal_reply().
void send_refusal(Exchange& exchange, const Refusal& refusal);

}  // namespace fovea::serve
