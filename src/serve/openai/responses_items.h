// The items of a Responses request's input: messages, calls of functions and their outputs. Pure functions
// over bytes, apart from what EarlierResponses knows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/openai/chat_request.h"
#include "serve/responses/response_store.h"

namespace fovea::serve {

// The stored responses that a request may refer to. An interface.
class EarlierResponses {
 public:
  virtual ~EarlierResponses() = default;
  // The items of the response `id` and of all that it continues, as JSON, in their order. Refused: 404; 413
  // above a bound for all that one request names.
  virtual Parsed<std::vector<std::string>> conversation(std::string_view id) = 0;
  // One item. Refused: likewise.
  virtual Parsed<std::string> item(std::string_view id, const std::string& where) = 0;
};

// Appends the item to the messages of `request`, and its images to the images of `request`. A function_call
// is a call of the assistant's message before it, if there is one; a function_call_output is a message of
// the role tool. reasoning is left out. Refused: items of tools that this server does not run, by their
// type.
Parsed<void> read_item(const JsonObject& item, const RequestRules& rules, EarlierResponses& earlier,
                       ChatRequest& request);

// An item that was stored, from its JSON. `where` names it in refusals.
Parsed<void> read_stored_item(const std::string& text, const std::string& where, const RequestRules& rules,
                              ChatRequest& request);

// `item` as it is stored: with an id of its own where it has none, and with a type.
StoredItem stored_item(const JsonObject& item);
// The same of an input that is a text.
StoredItem stored_item(std::string_view input);

}  // namespace fovea::serve
