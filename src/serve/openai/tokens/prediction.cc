#include "serve/openai/tokens/prediction.h"

#include <format>

namespace fovea::serve {

namespace {

Parsed<std::string> read_parts(const simdjson::dom::array& parts) {
  std::string text;
  std::size_t index = 0;
  for (const Json part : parts) {
    const auto object = JsonObject::of(part, std::format("prediction.content[{}]", index++));
    if (!object) return std::unexpected(object.error());
    const auto type = object->text("type");
    if (!type) return std::unexpected(type.error());
    if (*type != "text") return refuse(object->path("type"), "a part of a prediction is a \"text\"");
    const auto words = object->text("text");
    if (!words) return std::unexpected(words.error());
    if (!*words) return refuse(object->path("text"), "a part of a prediction needs its text");
    text += **words;
  }
  return text;
}

}  // namespace

Parsed<std::string> read_prediction(const JsonObject& body) {
  const auto value = body.find("prediction");
  if (!value) return std::string();
  const auto object = JsonObject::of(*value, "prediction");
  if (!object) return std::unexpected(object.error());
  const auto type = object->text("type");
  if (!type) return std::unexpected(type.error());
  if (*type != "content") return refuse("prediction.type", "the type of a prediction is \"content\"");
  const auto content = object->find("content");
  simdjson::dom::array parts;
  if (content && content->get_array().get(parts) == simdjson::SUCCESS) return read_parts(parts);
  const auto text = object->text("content");
  if (!text) return std::unexpected(text.error());
  if (!*text) return refuse("prediction.content", "a prediction needs its content: a text, or a list of texts");
  return std::string(**text);
}

}  // namespace fovea::serve
