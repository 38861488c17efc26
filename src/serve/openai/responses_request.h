// read_responses_request: POST /v1/responses in its basic form: one question, its images, one answer. Read
// into a ChatRequest, as chat requests are. A pure function.
#pragma once

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Refused by name: fields that need state between requests, tools, or another kind of model
// (previous_response_id, tools, ...).
Parsed<ChatRequest> read_responses_request(const JsonObject& body, const RequestRules& rules);

}  // namespace fovea::serve
