// ToolUse: the functions that an answer may call, and how; ToolCall: one call. Plain values, in OpenAI's
// terms.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fovea {

struct Tool {
  std::string name;
  std::string description;
  std::string parameters;  // of its arguments: a JSON Schema, minified; empty = any object
  // A schema that cannot be enforced is refused. Without it, what cannot be enforced is passed over.
  bool strict = false;
  friend bool operator==(const Tool&, const Tool&) = default;
};

enum class ToolChoice : std::uint8_t { automatic, none, required };

struct ToolUse {
  std::vector<Tool> tools;  // empty = no call can be made, whatever the rest says
  ToolChoice choice = ToolChoice::automatic;
  std::string named;     // required: the one tool that is called; empty = any of them
  bool parallel = true;  // an answer may have several calls

  // Whether an answer may have calls.
  bool wanted() const { return !tools.empty() && choice != ToolChoice::none; }
  friend bool operator==(const ToolUse&, const ToolUse&) = default;
};

struct ToolCall {
  std::string id;
  std::string name;
  std::string arguments;  // a JSON object as text
  friend bool operator==(const ToolCall&, const ToolCall&) = default;
};

}  // namespace fovea
