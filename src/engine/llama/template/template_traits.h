// TemplateTraits: what a chat template can render, found out by rendering small conversations. A plain value.
#pragma once

#include <span>

#include "engine/llama/template/jinja.h"
#include "engine/llama/template/turn.h"

namespace fovea::llama {

struct TemplateTraits {
  bool text = false;           // the user's words come out
  bool typed_content = false;  // a message's content is a list of typed parts
  bool system_role = false;
  bool tools = false;             // tools, calls and their results, all three
  bool object_arguments = false;  // calls' arguments are an object, not its text
  bool null_content = false;      // calls come out only where the message has no content at all
  bool parallel_calls = false;    // several calls in one message
  bool content_with_calls = false;
};

TemplateTraits traits_of(const Jinja& jinja);

// The turns as a template with these traits takes them.
Json messages_json(std::span<const Turn> turns, const TemplateTraits& traits);

}  // namespace fovea::llama
