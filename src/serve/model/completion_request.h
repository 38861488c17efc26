// CompletionRequest: a request of POST /v1/completions: prompts that the client has rendered itself. Pure
// functions over bytes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "serve/openai/chat_request.h"

namespace fovea::serve {

// What stands for an image in the text of a prompt that has images, as in llama-server.
inline constexpr std::string_view media_marker = "<__media__>";

// One prompt: text with its images, or the numbers of its tokens.
struct CompletionPrompt {
  Prompt prompt;
  std::vector<ImageReference> images;  // an ImageSlot is an index here
  std::vector<std::int32_t> tokens;    // in place of `prompt`, if there are any
};

struct CompletionRequest {
  ChatRequest asked;  // all but the prompt; `choices` are of each prompt
  std::vector<CompletionPrompt> prompts;
  bool echo = false;  // the answer's text begins with the prompt's
};

// A prompt is a text, a list of token numbers, or llama-server's {"prompt_string", "multimodal_data"}; or a
// list of these.
Parsed<CompletionRequest> read_completion_request(const JsonObject& body, const RequestRules& rules);

}  // namespace fovea::serve
