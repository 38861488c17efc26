// The generic form of tools, for templates that know none: tools are explained in the system message, calls
// are <tool_call> blocks of the assistant's text, and results are <tool_response> blocks of a user's message.
// Pure functions.
#pragma once

#include <string>
#include <vector>

#include "engine/llama/template/turn.h"

namespace fovea::llama {

// What the system message says of `tools` (OpenAI's list).
std::string explained(const Json& tools);

// `turns` with the explanation of `tools` (null = none), and without calls and results of their own.
std::vector<Turn> in_generic_form(std::vector<Turn> turns, const Json& tools);

}  // namespace fovea::llama
