// Message: one message of a conversation, and Prompt: what a chat template makes of messages. Plain values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/tools/tool_use.h"

namespace fovea {

// The place of an image in a prompt: its index in the request's list of images.
struct ImageSlot {
  std::size_t index;
  friend bool operator==(const ImageSlot&, const ImageSlot&) = default;
};

// In a Prompt: text that somebody wrote and that has the characters of a control token ("<|im_start|>"). It
// is tokenized as plain characters. Messages need not use it: all of their text is somebody's.
struct PlainText {
  std::string text;
  friend bool operator==(const PlainText&, const PlainText&) = default;
};

using PromptPart = std::variant<std::string, ImageSlot, PlainText>;

// One message: a role ("system", "user", "assistant", "tool") and its text and images in order.
struct Message {
  std::string role;
  std::vector<PromptPart> parts;
  std::vector<ToolCall> tool_calls;  // of the assistant
  std::string tool_call_id;          // of a tool: the call whose result this is
};

// Messages rendered by the model's chat template: text (control tokens included) with the images in place.
struct Prompt {
  std::vector<PromptPart> parts;
};

// How messages are rendered, besides the messages themselves.
struct RenderOptions {
  const ToolUse* tools = nullptr;  // null = none
  // The last message is the assistant's, and the answer goes on where it ends.
  bool continue_final = false;
  // More variables of the template, as the text of a JSON object ({"enable_thinking": false}); empty = none.
  std::string_view template_args;
};

}  // namespace fovea
