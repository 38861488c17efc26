// read_message: one message of a conversation: who says it, what it says, and which tools it calls or
// answers. A pure function over bytes.
#pragma once

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Appends `message` to the messages of `request`, and its images to the images of `request`. Thoughts in it
// (reasoning_content, reasoning) are left out.
Parsed<void> read_message(const JsonObject& message, const RequestRules& rules, ChatRequest& request);

}  // namespace fovea::serve
