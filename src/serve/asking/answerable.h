// check_answerable: whether an answer can follow the last message of a conversation. Conversations that are
// only counted or shown need no answer. Pure functions.
#pragma once

#include <string>

#include "engine/message.h"
#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Whether a message has text or pictures: without them there is nothing that an answer could go on with.
bool has_content(const Message& message);

// `field`: of the conversation, like "messages". Refused: a last message that calls tools, whose results are
// missing; and one to go on with where the answer has a form that it cannot begin amidst.
Parsed<void> check_answerable(const ChatRequest& request, const std::string& field);

}  // namespace fovea::serve
