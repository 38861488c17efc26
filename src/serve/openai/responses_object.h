// The response object of OpenAI's Responses API, and the items of its output, as JSON. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "serve/openai/chat_reply.h"
#include "serve/openai/reply_form.h"
#include "serve/openai/responses_request.h"

namespace fovea::serve {

// An item of the output: a message, or the call of a function.
struct OutputItem {
  bool is_call = false;
  std::string id, call_id, name;
  std::string text;  // of the message, or the call's arguments
  std::string_view status = "in_progress";
};

// The part of a message that has its text. `tokens`: its log probabilities.
std::string output_text_json(std::string_view text, const ChosenTokens& tokens);

// A message that is in progress has no content yet.
std::string item_json(const OutputItem& item, const ChosenTokens& tokens);

struct ResponseObject {
  std::string_view id, model, status;
  std::int64_t created_unix_s;
  const ResponsesSettings& settings;
  bool stored;
  std::span<const std::string> output;  // items as JSON
  const FinishedAnswer* answer;         // null while it is in progress
};

std::string response_json(const ResponseObject& object);

// "incomplete" for an answer that was cut off, or stopped within a call; else "completed".
std::string_view status_of(const FinishedAnswer& answer);

}  // namespace fovea::serve
