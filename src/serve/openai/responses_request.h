// ResponsesRequest: a request of POST /v1/responses: what is asked, as of every request, and what the reply
// repeats. Pure functions over bytes.
#pragma once

#include <string>
#include <vector>

#include "serve/openai/chat_request.h"
#include "serve/openai/responses_items.h"

namespace fovea::serve {

// What a reply repeats of its request. Each is JSON.
struct ResponsesSettings {
  std::string instructions, max_output_tokens, max_tool_calls, metadata, parallel_tool_calls, previous_response_id,
      prompt_cache_key, reasoning, safety_identifier, service_tier, temperature, text, tool_choice, tools, top_logprobs,
      top_p, truncation, user;
};

struct ResponsesRequest {
  ChatRequest asked;
  ResponsesSettings settings;
  bool store = false;
  std::string previous;           // the id of the response that this one continues; may be empty
  std::vector<StoredItem> input;  // its own items, to be stored; empty where it is not
};

// Refused by name: fields of services that this server does not have (background, conversation, ...).
// `earlier` has the responses that previous_response_id and item_reference name.
Parsed<ResponsesRequest> read_responses_request(const JsonObject& body, const RequestRules& rules,
                                                EarlierResponses& earlier);

}  // namespace fovea::serve
