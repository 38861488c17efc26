// What is in a conversation is told by its type and not by the API: an entry with a role is a message, one
// without is an item of Responses. What a model thought is passed over, since templates leave it out of
// prompts; ids of calls are passed over, since they are drawn anew each time and enter no prompt as a rule.
#include "audit/log/entry/prompt_walk.h"

#include <algorithm>
#include <array>
#include <format>
#include <string>

namespace fovea {

namespace {

PartRole role_named(std::string_view name) {
  if (name == "system" || name == "developer") return PartRole::system;
  if (name == "assistant" || name == "model") return PartRole::assistant;
  if (name == "tool" || name == "function") return PartRole::tool;
  return PartRole::user;
}

PictureDetail detail_of(const JsonFields& fields) {
  const auto detail = json_text(fields, "detail");
  if (!detail) return PictureDetail::none;
  if (*detail == "low") return PictureDetail::low;
  return *detail == "high" || *detail == "original" ? PictureDetail::high : PictureDetail::automatic;
}

bool is_text_type(std::string_view type) {
  constexpr auto types = std::to_array<std::string_view>({"text", "input_text", "output_text", "summary_text"});
  return std::ranges::contains(types, type);
}

bool is_picture_type(std::string_view type) {
  constexpr auto types =
      std::to_array<std::string_view>({"image_url", "input_image", "image", "image_file", "computer_screenshot"});
  return std::ranges::contains(types, type);
}

bool is_thought(std::string_view type) {
  return type == "thinking" || type == "redacted_thinking" || type == "reasoning";
}

}  // namespace

void PromptWalk::tools(const Json& value) {
  place_ = {PartRole::tools, 0};
  JsonList list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return text(simdjson::minify(value));
  for (const Json tool : list) text(simdjson::minify(tool));
}

void PromptWalk::system(const Json& value) {
  place_ = {PartRole::system, messages_++};
  content(value);
}

void PromptWalk::conversation(const Json& value) {
  JsonList list;
  if (value.get_array().get(list) == simdjson::SUCCESS) {
    for (const Json message : list) entry(message);
  } else {
    place_ = {PartRole::user, messages_++};
    content(value);
  }
}

void PromptWalk::prompt(const Json& value) {
  place_ = {PartRole::user, messages_++};
  JsonList list;
  const bool tokens = value.get_array().get(list) == simdjson::SUCCESS && list.size() > 0 && list.at(0).is_number();
  if (tokens) return other(value);
  content(value);
}

Result<void> PromptWalk::finished() const {
  if (!too_many_) return {};
  return fail(Fault::too_large, std::format("it has more than {} parts or {} pictures", parts_max, pictures_max));
}

void PromptWalk::entry(const Json& value) {
  JsonFields message;
  place_ = {PartRole::user, messages_++};
  if (value.get_object().get(message) != simdjson::SUCCESS) return content(value);
  const auto role = json_text(message, "role");
  const auto type = json_text(message, "type");
  if (!role && type) return item(message, *type);
  place_.role = role_named(role.value_or("user"));
  Json said;
  if (message.at_key("content").get(said) == simdjson::SUCCESS) content(said);
  calls(message);
}

// An item of Responses that is no message.
void PromptWalk::item(const JsonFields& item, std::string_view type) {
  if (is_thought(type)) return;
  if (type == "function_call" || type == "custom_tool_call") {
    place_.role = PartRole::assistant;
    return call(item, json_text(item, "arguments").value_or(json_text(item, "input").value_or("")));
  }
  Json output;
  if (type.ends_with("_output") && item.at_key("output").get(output) == simdjson::SUCCESS) {
    place_.role = PartRole::tool;
    return content(output);
  }
  part_of_type(item, type);
}

void PromptWalk::calls(const JsonFields& message) {
  if (const auto old = json_object(message, "function_call")) call(*old, json_text(*old, "arguments").value_or(""));
  const auto list = json_list(message, "tool_calls");
  if (!list) return;
  for (const Json element : *list) {
    JsonFields fields;
    if (element.get_object().get(fields) != simdjson::SUCCESS) continue;
    const JsonFields function = json_object(fields, "function").value_or(fields);
    call(function, json_text(function, "arguments").value_or(""));
  }
}

void PromptWalk::call(const JsonFields& call, std::string_view arguments) {
  text(std::format("{}({})", json_text(call, "name").value_or(""), arguments));
}

void PromptWalk::content(const Json& value) {
  if (value.is_null()) return;
  JsonList list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return part(value);
  for (const Json element : list) part(element);
}

void PromptWalk::part(const Json& value) {
  std::string_view plain;
  if (value.get_string().get(plain) == simdjson::SUCCESS) return text(plain);
  JsonFields fields;
  if (value.get_object().get(fields) != simdjson::SUCCESS) return other(value);
  const auto type = json_text(fields, "type");
  if (type) return part_of_type(fields, *type);
  if (const auto untyped = json_text(fields, "text")) return text(*untyped);
  other(value);
}

void PromptWalk::part_of_type(const JsonFields& part, std::string_view type) {
  if (is_thought(type)) return;
  if (is_text_type(type)) return text(json_text(part, "text").value_or(""));
  if (type == "refusal") return text(json_text(part, "refusal").value_or(""));
  if (is_picture_type(type)) return picture_of(part);
  Json inner;
  if (type == "tool_use" && part.at_key("input").get(inner) == simdjson::SUCCESS)
    return call(part, simdjson::minify(inner));
  if (type != "tool_result") return other(part);
  const PartRole role = place_.role;
  place_.role = PartRole::tool;
  if (part.at_key("content").get(inner) == simdjson::SUCCESS) content(inner);
  place_.role = role;
}

void PromptWalk::picture_of(const JsonFields& part) {
  constexpr auto names = std::to_array<std::string_view>({"image_url", "image", "source", "image_file", "url", "path"});
  const PictureDetail detail = detail_of(part);
  if (const auto value = json_first(part, names)) return picture_value(*value, detail);
  if (const auto id = json_text(part, "file_id")) return picture(*id, detail);
  other(part);
}

void PromptWalk::picture_value(const Json& value, PictureDetail detail) {
  std::string_view name;
  if (value.get_string().get(name) == simdjson::SUCCESS) return picture(name, detail);
  JsonFields fields;
  if (value.get_object().get(fields) != simdjson::SUCCESS) return other(value);
  if (detail == PictureDetail::none) detail = detail_of(fields);
  if (const auto url = json_text(fields, "url")) return picture(*url, detail);
  picture_source(fields);
}

// {"type": "base64", "media_type", "data"} and {"type": "file", "file_id"}
void PromptWalk::picture_source(const JsonFields& source) {
  if (const auto id = json_text(source, "file_id")) return picture(*id, PictureDetail::none);
  const auto data = json_text(source, "data");
  if (!data) return other(source);
  if (!full()) pictures_.add_base64(*data, place_, request_);
}

void PromptWalk::picture(std::string_view name, PictureDetail detail) {
  if (!full()) pictures_.add(name, detail, place_, request_);
}

void PromptWalk::text(std::string_view text) {
  if (!full()) add_text(text, place_, request_);
}

void PromptWalk::other(const Json& value) {
  if (!full()) add_other(simdjson::minify(value), place_, request_);
}

bool PromptWalk::full() {
  too_many_ = too_many_ || request_.parts.size() >= parts_max || request_.pictures.size() >= pictures_max;
  return too_many_;
}

}  // namespace fovea
