// read_turn: one message of Anthropic's Messages API, as the messages that a model's chat template knows; and
// its images. Pure functions.
#pragma once

#include <string>

#include "serve/openai/chat_request.h"

namespace fovea::serve::anthropic {

// Appends `turn` (`where` names it in refusals) to the messages of `request`, and its pictures to the
// pictures of `request`. A tool_result becomes a message of the role tool, in its order beside the texts
// and pictures. Turns of the same role that follow each other become one, as Anthropic says. Thinking is
// left out.
Parsed<void> read_turn(const JsonObject& turn, const std::string& where, const RequestRules& rules,
                       ChatRequest& request);

// The source of an image block: {"type": "base64", "media_type", "data"}, {"type": "url", "url"} or {"type":
// "file", "file_id"}.
Parsed<ImageReference> read_image_source(const JsonObject& source, const RequestRules& rules);

// The texts of `system`: a text, or a list of text blocks.
Parsed<void> read_system(const JsonObject& body, ChatRequest& request);

}  // namespace fovea::serve::anthropic
