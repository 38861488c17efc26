// read_message: one message of a conversation, its text and its pictures in place.
#pragma once

#include <string>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Appends the message that `message` is (`where` names it in refusals) to `request`, its pictures to those of the request.
// Both OpenAI's chat parts (text, image_url, file) and its Responses parts (input_text, output_text, input_image) are read.
Parsed<void> read_message(const JsonObject& message, const std::string& where, const RequestRules& rules,
                          ChatRequest& request);

// The picture that a content part is (image_url, input_image, file). Refused: other parts.
Parsed<AskedPicture> read_picture(const JsonObject& part, const RequestRules& rules);

// For a request's picture above RequestRules::pictures_max.
Refusal too_many_pictures(const AskedPicture& picture, const RequestRules& rules);

}  // namespace fovea::serve
