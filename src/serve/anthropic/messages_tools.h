// read_messages_tools: the tools of a request of Anthropic's Messages API. A pure function.
#pragma once

#include "engine/tools/tool_use.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve::anthropic {

// Reads tools ({"name", "description", "input_schema"}) and tool_choice ({"type": "auto", "any", "tool" or
// "none", "disable_parallel_tool_use"}) into `use`. Refused: tools of Anthropic's own, by their type.
Parsed<void> read_messages_tools(const JsonObject& body, ToolUse& use);

}  // namespace fovea::serve::anthropic
