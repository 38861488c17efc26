// The list and the choice are Anthropic's; what a tool must be is the same as for OpenAI's, and is checked
// there (add_tool, choose_tool).
#include "serve/anthropic/messages_tools.h"

#include <format>
#include <utility>

#include "serve/openai/tools_request.h"

namespace fovea::serve::anthropic {

namespace {

Parsed<std::string_view> name_in(const JsonObject& object) {
  const auto name = object.text("name");
  if (!name) return std::unexpected(name.error());
  if (!*name) return refuse(object.path("name"), object.path("name") + " is missing: the tool's name");
  return **name;
}

// web_search_20250305, bash_20250124 and the like are known to Anthropic's models only: they have no schema.
Parsed<void> check_type(const JsonObject& tool) {
  const auto type = tool.text("type");
  if (!type) return std::unexpected(type.error());
  if (const std::string_view kind = type->value_or("custom"); kind != "custom")
    return refuse(
        tool.path("type"),
        std::format("{} must be custom, not \"{}\": describe the tool with an input_schema", tool.path("type"), kind),
        "unsupported_value");
  return {};
}

Parsed<Tool> read_tool(const JsonObject& object) {
  if (auto known = check_type(object); !known) return std::unexpected(known.error());
  const auto name = name_in(object);
  if (!name) return std::unexpected(name.error());
  const auto description = object.text("description");
  if (!description) return std::unexpected(description.error());
  const auto strict = object.truth("strict");
  if (!strict) return std::unexpected(strict.error());
  auto schema = read_tool_schema(object, "input_schema");
  if (!schema) return std::unexpected(schema.error());
  return Tool{.name = std::string(*name),
              .description = std::string(description->value_or("")),
              .parameters = std::move(*schema),
              .strict = strict->value_or(false)};
}

Parsed<void> choose(const JsonObject& choice, ToolUse& use) {
  const auto type = choice.text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view kind = type->value_or("");
  if (kind == "auto") return {};
  if (kind == "none") {
    use.choice = ToolChoice::none;
    return {};
  }
  if (kind == "any") {
    if (use.tools.empty())
      return refuse(choice.path("type"), "tool_choice wants any tool, but the request has no tools");
    use.choice = ToolChoice::required;
    return {};
  }
  if (kind == "tool") {
    const auto name = name_in(choice);
    return name ? choose_tool(*name, choice.path("name"), use) : std::unexpected(name.error());
  }
  return refuse(choice.path("type"),
                std::format("{} must be auto, any, tool or none, not \"{}\"", choice.path("type"), kind));
}

}  // namespace

Parsed<void> read_messages_tools(const JsonObject& body, ToolUse& use) {
  if (auto read = read_tool_list(body, read_tool, use); !read) return read;
  const auto value = body.find("tool_choice");
  if (!value) return {};
  const auto choice = JsonObject::of(*value, "tool_choice");
  if (!choice) return std::unexpected(choice.error());
  if (auto chosen = choose(*choice, use); !chosen) return chosen;
  const auto one = choice->truth("disable_parallel_tool_use");
  if (!one) return std::unexpected(one.error());
  use.parallel = !one->value_or(false);
  return {};
}

}  // namespace fovea::serve::anthropic
