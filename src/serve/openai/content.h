// read_content: what a message says: its text and its images in their order. Pure functions over bytes.
#pragma once

#include <string>
#include <string_view>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// Appends the field `name` of `holder`, a text or a list of parts, to the last message of `request`, and its
// images to the images of `request`. Both OpenAI's chat parts (text, refusal, image_url, file) and its
// Responses parts (input_text, output_text, input_image) are read. REQUIRES: `request` has a message.
Parsed<void> read_content(const JsonObject& holder, std::string_view name, const RequestRules& rules,
                          ChatRequest& request);

// The image of a content part of type image_url, input_image or file. Refused: other types.
Parsed<ImageReference> read_image(const JsonObject& part, const RequestRules& rules);

// The image that `url` names, inline (data:) or by its address. `where` names the field in refusals.
Parsed<ImageReference> read_image_url(std::string_view url, const std::string& where, const RequestRules& rules);

// Appends a text part to `message`. Text directly behind text begins on a line of its own, as in other
// servers: parts are paragraphs, and not pieces of a word.
void add_text(std::string_view text, Message& message);

// Appends `image` to the last message of `request`. Refused: one image too many.
Parsed<void> add_image(ImageReference image, const RequestRules& rules, ChatRequest& request);

// The refusal of the image that exceeds RequestRules::images_max.
Refusal too_many_images(const ImageReference& image, const RequestRules& rules);

}  // namespace fovea::serve
