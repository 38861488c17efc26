// read_messages_request: POST /v1/messages of Anthropic's API, read into a ChatRequest, as all requests
// are. Pure functions.
//
// Fields that change how an answer is made but not what was asked are accepted without meaning:
// cache_control, metadata, thinking, service_tier, context_management. Fields of Anthropic's own services
// are refused by name.
#pragma once

#include "serve/openai/chat_request.h"

namespace fovea::serve::anthropic {

// Besides Anthropic's fields, seed, min_p and cache_salt are read as in chat requests. A last message of the
// assistant is continued.
Parsed<ChatRequest> read_messages_request(const JsonObject& body, const RequestRules& rules);

// POST /v1/messages/count_tokens: the same, without max_tokens.
Parsed<ChatRequest> read_count_request(const JsonObject& body, const RequestRules& rules);

}  // namespace fovea::serve::anthropic
