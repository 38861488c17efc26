// Each field is read into options of its own, so that two fields that say what the answer must be are noticed
// whatever they say.
#include "serve/openai/answer_format.h"

#include <array>
#include <format>
#include <string>

namespace fovea::serve {

namespace {

constexpr const char* any_object = R"({"type":"object"})";

// A schema, or a text that has one.
Parsed<std::string> schema_in(const Json& value, const std::string& where) {
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS) return std::string(text);
  if (value.is_object() || value.is_bool()) return simdjson::minify(value);
  return refuse(where, where + " must be a JSON Schema", "invalid_type");
}

// vLLM's {"json": ...} or {"json_object": true}
Parsed<void> read_structured_outputs(const Json& value, GenerateOptions& options) {
  constexpr std::array<std::string_view, 6> others = {
      "regex", "choice", "grammar", "structural_tag", "whitespace_pattern", "disable_additional_properties"};
  const auto object = JsonObject::of(value, "structured_outputs");
  if (!object) return std::unexpected(object.error());
  for (const std::string_view name : others) {
    const auto other = object->find(name);
    bool on = true;
    if (!other || (other->get_bool().get(on) == simdjson::SUCCESS && !on)) continue;
    return refuse(
        object->path(name),
        std::format("{} is not supported: send json with a JSON Schema, which may be an enum", object->path(name)),
        "unsupported_parameter");
  }
  if (const auto json = object->find("json")) {
    auto schema = schema_in(*json, object->path("json"));
    if (!schema) return std::unexpected(schema.error());
    options.json_schema = std::move(*schema);
    return {};
  }
  const auto any = object->truth("json_object");
  if (!any) return std::unexpected(any.error());
  if (any->value_or(false)) options.json_schema = any_object;
  return {};
}

Parsed<void> read_field(const JsonObject& body, std::string_view name, GenerateOptions& options) {
  const auto value = body.find(name);
  if (!value) return {};
  if (name == "response_format") return read_answer_format(body, name, options);
  if (name == "structured_outputs") return read_structured_outputs(*value, options);
  auto schema = schema_in(*value, std::string(name));
  if (!schema) return std::unexpected(schema.error());
  options.json_schema = std::move(*schema);
  return {};
}

}  // namespace

Parsed<void> read_answer_format(const JsonObject& body, std::string_view name, GenerateOptions& options) {
  const auto value = body.find(name);
  if (!value) return {};
  const auto format = JsonObject::of(*value, body.path(name));
  if (!format) return std::unexpected(format.error());
  const auto type = format->text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view kind = type->value_or("");
  if (kind == "text") return {};
  if (kind != "json_schema" && kind != "json_object") {
    return refuse(format->path("type"),
                  std::format("{} must be text, json_object or json_schema, not \"{}\"", format->path("type"), kind),
                  "unsupported_value");
  }
  const auto nested = format->find("json_schema");
  const auto holder = nested ? JsonObject::of(*nested, format->path("json_schema")) : format;
  if (!holder) return std::unexpected(holder.error());
  const auto schema = holder->find("schema");
  if (!schema && kind == "json_object") {
    options.json_schema = any_object;
    return {};
  }
  if (!schema) return refuse(holder->path("schema"), holder->path("schema") + " is missing: a JSON Schema");
  options.json_schema = simdjson::minify(*schema);
  return {};
}

Parsed<void> read_structure(const JsonObject& body, GenerateOptions& options, std::string* field) {
  std::string_view first;
  for (const std::string_view name : {"response_format", "json_schema", "guided_json", "structured_outputs"}) {
    GenerateOptions constrained;
    if (auto read = read_field(body, name, constrained); !read) return read;
    if (!constrained.json_schema) continue;
    if (!first.empty())
      return refuse(std::string(name),
                    std::format("{} and {} both say what the answer must be: send one", first, name));
    first = name;
    options.json_schema = std::move(constrained.json_schema);
  }
  if (field != nullptr) *field = first;
  return {};
}

}  // namespace fovea::serve
