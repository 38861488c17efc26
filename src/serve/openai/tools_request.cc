// Both APIs have the same fields, one a level deeper than the other, so that one reader accepts both. An
// object that has the nested field is read as the nested form.
#include "serve/openai/tools_request.h"

#include <algorithm>
#include <format>
#include <utility>
#include <vector>

namespace fovea::serve {

namespace {

constexpr std::size_t tools_max = 128;       // OpenAI's
constexpr std::size_t name_bytes_max = 128;  // OpenAI's 64, and Anthropic's

bool fits_names(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-.:/").contains(c);
}

// `object`'s field `name` as an object, or the object itself where it has no such field.
Parsed<JsonObject> nested(const JsonObject& object, std::string_view name) {
  const auto inner = object.find(name);
  return inner ? JsonObject::of(*inner, object.path(name)) : object;
}

Parsed<std::string_view> name_in(const JsonObject& object) {
  const auto name = object.text("name");
  if (!name) return std::unexpected(name.error());
  if (!*name)
    return refuse(object.path("name"), object.path("name") + " is missing: the function's name",
                  "missing_required_parameter");
  return **name;
}

std::unexpected<Refusal> not_a_function(const JsonObject& object, std::string_view type) {
  return refuse(
      object.path("type"),
      std::format("{} must be function, not \"{}\": this server runs no tools of its own", object.path("type"), type),
      "unsupported_value");
}

// A function's holder: refused where the type is another one. Where there is no type, it is a function.
Parsed<JsonObject> function_in(const JsonObject& object) {
  const auto type = object.text("type");
  if (!type) return std::unexpected(type.error());
  if (const std::string_view kind = type->value_or("function"); kind != "function") return not_a_function(object, kind);
  return nested(object, "function");
}

Parsed<Tool> read_tool(const JsonObject& object) {
  const auto function = function_in(object);
  if (!function) return std::unexpected(function.error());
  const auto name = name_in(*function);
  if (!name) return std::unexpected(name.error());
  const auto description = function->text("description");
  if (!description) return std::unexpected(description.error());
  const auto strict = function->truth("strict");
  if (!strict) return std::unexpected(strict.error());
  auto schema = read_tool_schema(*function, "parameters");
  if (!schema) return std::unexpected(schema.error());
  return Tool{.name = std::string(*name),
              .description = std::string(description->value_or("")),
              .parameters = std::move(*schema),
              .strict = strict->value_or(false)};
}

Parsed<void> choose_by_word(std::string_view word, const std::string& where, ToolUse& use) {
  if (word == "auto") {
    use.choice = ToolChoice::automatic;
  } else if (word == "none") {
    use.choice = ToolChoice::none;
  } else if (word == "required") {
    if (use.tools.empty()) return refuse(where, std::format("{} is required, but the request has no tools", where));
    use.choice = ToolChoice::required;
  } else {
    return refuse(where, std::format("{} must be auto, none, required, or name a function, not \"{}\"", where, word));
  }
  return {};
}

// {"mode": "auto" or "required", "tools": [...]}
Parsed<void> allow_some(const JsonObject& allowed, ToolUse& use) {
  const auto value = allowed.find("tools");
  simdjson::dom::array list;
  if (!value || value->get_array().get(list) != simdjson::SUCCESS)
    return refuse(allowed.path("tools"), allowed.path("tools") + " must be a list of functions", "invalid_type");
  std::vector<Tool> kept;
  std::size_t index = 0;
  for (const Json element : list) {
    const auto object = JsonObject::of(element, std::format("{}[{}]", allowed.path("tools"), index++));
    if (!object) return std::unexpected(object.error());
    const auto function = function_in(*object);
    if (!function) return std::unexpected(function.error());
    const auto name = name_in(*function);
    if (!name) return std::unexpected(name.error());
    const auto tool = std::ranges::find(use.tools, *name, &Tool::name);
    if (tool == use.tools.end())
      return refuse(function->path("name"), std::format("there is no tool \"{}\" in tools", *name));
    if (!std::ranges::contains(kept, *name, &Tool::name)) kept.push_back(*tool);
  }
  use.tools = std::move(kept);
  const auto mode = allowed.text("mode");
  if (!mode) return std::unexpected(mode.error());
  return choose_by_word(mode->value_or("auto"), allowed.path("mode"), use);
}

Parsed<void> read_choice(const JsonObject& body, ToolUse& use) {
  const auto value = body.find("tool_choice");
  if (!value) return {};
  std::string_view word;
  if (value->get_string().get(word) == simdjson::SUCCESS) return choose_by_word(word, "tool_choice", use);
  const auto object = JsonObject::of(*value, "tool_choice");
  if (!object) return refuse("tool_choice", "tool_choice must be a text or an object", "invalid_type");
  const auto type = object->text("type");
  if (!type) return std::unexpected(type.error());
  if (type->value_or("") == "allowed_tools") {
    const auto allowed = nested(*object, "allowed_tools");
    return allowed ? allow_some(*allowed, use) : std::unexpected(allowed.error());
  }
  const auto function = function_in(*object);
  if (!function) return std::unexpected(function.error());
  const auto name = name_in(*function);
  if (!name) return std::unexpected(name.error());
  return choose_tool(*name, function->path("name"), use);
}

}  // namespace

Parsed<void> read_tool_list(const JsonObject& body, ReadTool read_tool, ToolUse& use) {
  const auto value = body.find("tools");
  if (!value) return {};
  simdjson::dom::array list;
  if (value->get_array().get(list) != simdjson::SUCCESS) return refuse("tools", "tools must be a list", "invalid_type");
  std::size_t index = 0;
  for (const Json element : list) {
    const std::string where = std::format("tools[{}]", index++);
    const auto object = JsonObject::of(element, where);
    if (!object) return std::unexpected(object.error());
    auto tool = read_tool(*object);
    if (!tool) return std::unexpected(tool.error());
    if (auto added = add_tool(std::move(*tool), where, use); !added) return added;
  }
  return {};
}

Parsed<void> add_tool(Tool tool, const std::string& where, ToolUse& use) {
  if (use.tools.size() == tools_max) return refuse("tools", std::format("a request may have {} tools", tools_max));
  if (tool.name.empty() || tool.name.size() > name_bytes_max || !std::ranges::all_of(tool.name, fits_names))
    return refuse(where, std::format("{} must have a name of 1 to {} letters, digits and the characters _-.:/", where,
                                     name_bytes_max));
  if (std::ranges::contains(use.tools, tool.name, &Tool::name))
    return refuse(where, std::format("there are two tools \"{}\": names must differ", tool.name));
  use.tools.push_back(std::move(tool));
  return {};
}

Parsed<std::string> read_tool_schema(const JsonObject& tool, std::string_view name) {
  const auto value = tool.find(name);
  if (!value) return std::string();
  if (!value->is_object())
    return refuse(tool.path(name), tool.path(name) + " must be an object: a JSON Schema", "invalid_type");
  return simdjson::minify(*value);
}

Parsed<void> choose_tool(std::string_view name, const std::string& where, ToolUse& use) {
  if (!std::ranges::contains(use.tools, name, &Tool::name))
    return refuse(where, std::format("{} names \"{}\", which is not in tools", where, name));
  use.choice = ToolChoice::required;
  use.named = name;
  return {};
}

Parsed<void> read_tools(const JsonObject& body, ToolUse& use) {
  if (auto read = read_tool_list(body, read_tool, use); !read) return read;
  if (auto read = read_choice(body, use); !read) return read;
  const auto parallel = body.truth("parallel_tool_calls");
  if (!parallel) return std::unexpected(parallel.error());
  use.parallel = parallel->value_or(true);
  return {};
}

}  // namespace fovea::serve
