// send_refusal: sends a Refusal as the reply to a request.
#pragma once

#include "serve/exchange.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// Replies with the refusal's status and OpenAI's error object, Retry-After where the refusal says when to
// come again, and WWW-Authenticate for 401.
void send_refusal(Exchange& exchange, const Refusal& refusal);

}  // namespace fovea::serve
