// POST /v1/responses in its basic form: one question, its pictures, one answer. Read into the same ChatRequest.
#pragma once

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Refused by name: what would need state between requests, tools, or another kind of model (previous_response_id, tools, ...).
Parsed<ChatRequest> read_responses_request(const JsonObject& body, const RequestRules& rules);

}  // namespace fovea::serve
