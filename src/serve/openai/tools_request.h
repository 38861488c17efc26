// read_tools: the functions that a request lets the answer call: tools, tool_choice and parallel_tool_calls.
// Pure functions.
#pragma once

#include <string>

#include "engine/tools/tool_use.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

// Reads the three fields into `use`. A tool may be nested, as in chat ({"type": "function", "function":
// {"name", ...}}), or flat, as in Responses ({"type": "function", "name", ...}), and so may be the one that
// tool_choice names. Of "allowed_tools" the tools that are not allowed are left out.
// Refused: tools that are no functions (web_search and the like), by their type; a choice that no tool fits.
Parsed<void> read_tools(const JsonObject& body, ToolUse& use);

// Adds a tool that was read in `where` ("tools[0]"). Refused: a name that is empty, too long, there already,
// or has other characters than letters, digits and _-.:/; too many tools.
Parsed<void> add_tool(Tool tool, const std::string& where, ToolUse& use);

// Reads the list `tools` of `body`, each by `read_tool`, and adds them. Refused: no list, and what both
// refuse.
using ReadTool = Parsed<Tool> (*)(const JsonObject& tool);
Parsed<void> read_tool_list(const JsonObject& body, ReadTool read_tool, ToolUse& use);

// The JSON Schema in the field `name` of a tool, minified; empty where there is none. Refused: no object.
Parsed<std::string> read_tool_schema(const JsonObject& tool, std::string_view name);

// Makes `name` the tool that must be called. `where` names the field. Refused: there is no such tool.
Parsed<void> choose_tool(std::string_view name, const std::string& where, ToolUse& use);

}  // namespace fovea::serve
