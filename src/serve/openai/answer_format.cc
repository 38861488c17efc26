#include "serve/openai/answer_format.h"

#include <format>

namespace fovea::serve {

Parsed<void> read_answer_format(const JsonObject& body, std::string_view name, GenerateOptions& options) {
  const auto value = body.find(name);
  if (!value) return {};
  const auto format = JsonObject::of(*value, body.path(name));
  if (!format) return std::unexpected(format.error());
  const auto type = format->text("type");
  if (!type) return std::unexpected(type.error());
  const std::string_view kind = type->value_or("");
  if (kind == "text") return {};
  if (kind == "json_object") {
    options.json_schema = R"({"type":"object"})";
    return {};
  }
  if (kind != "json_schema") {
    return refuse(format->path("type"),
                  std::format("{} must be text, json_object or json_schema, not \"{}\"", format->path("type"), kind),
                  "unsupported_value");
  }
  const auto nested = format->find("json_schema");
  const auto holder = nested ? JsonObject::of(*nested, format->path("json_schema")) : format;
  if (!holder) return std::unexpected(holder.error());
  const auto schema = holder->find("schema");
  if (!schema) return refuse(holder->path("schema"), holder->path("schema") + " is missing: a JSON Schema");
  options.json_schema = simdjson::minify(*schema);
  return {};
}

}  // namespace fovea::serve
