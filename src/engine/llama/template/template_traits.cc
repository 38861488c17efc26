// Each trait is a question: does a word come out that was put in? A template that raises an error has not the
// trait. The questions build on each other: how calls are given is known before results are tried.
#include "engine/llama/template/template_traits.h"

#include <exception>
#include <string_view>

namespace fovea::llama {

namespace {

constexpr std::string_view words = "fovea asks";
constexpr std::string_view argument = "fovea_argument";
constexpr std::string_view escaped_argument = "\\\"fovea_argument";  // of a text printed as a JSON string

Turn user() { return {.role = "user", .text = std::string(words)}; }

TurnCall call(const std::string& id, const std::string& name) {
  const Json arguments{{"fovea_argument", "seen"}};
  return {.id = id, .name = name, .text = arguments.dump(), .arguments = arguments};
}

Turn caller(std::vector<TurnCall> calls, const std::string& text = {}) {
  return {.role = "assistant", .text = text, .calls = std::move(calls)};
}

Json some_tool() {
  const Json parameters{{"type", "object"}, {"properties", {{"fovea_argument", {{"type", "string"}}}}}};
  const Json function{{"name", "fovea_tool"}, {"description", "A tool."}, {"parameters", parameters}};
  return Json::array({Json{{"type", "function"}, {"function", function}}});
}

// What comes out of the template; empty where it refuses.
std::string rendered(const Jinja& jinja, const TemplateTraits& traits, const std::vector<Turn>& turns,
                     const Json& tools = {}) {
  try {
    return jinja.render(messages_json(turns, traits), tools);
  } catch (const std::exception&) {
    return {};
  }
}

// Whether calls come out with what is known so far.
bool renders_calls(const Jinja& jinja, const TemplateTraits& traits) {
  const std::string text = rendered(jinja, traits, {user(), caller({call("call00000", "fovea_tool")})});
  return text.contains("fovea_tool") && text.contains(argument) && !text.contains(escaped_argument);
}

// How calls must be given so that they come out; false if they do not.
bool find_call_form(const Jinja& jinja, TemplateTraits& traits) {
  for (const bool null_content : {false, true}) {
    for (const bool object : {false, true}) {
      traits.null_content = null_content;
      traits.object_arguments = object;
      if (renders_calls(jinja, traits)) return true;
    }
  }
  return false;
}

void find_tool_traits(const Jinja& jinja, TemplateTraits& traits) {
  if (!rendered(jinja, traits, {user()}, some_tool()).contains("fovea_tool")) return;
  if (!find_call_form(jinja, traits)) return;
  const TurnCall one = call("call00000", "fovea_tool");
  const TurnCall other = call("call00001", "other_tool");
  const Turn result{.role = "tool", .text = "fovea saw", .call_id = one.id, .name = one.name};
  traits.tools = rendered(jinja, traits, {user(), caller({one}), result}, some_tool()).contains("fovea saw");
  const std::string both = rendered(jinja, traits, {user(), caller({one, other})});
  traits.parallel_calls = both.contains("fovea_tool") && both.contains("other_tool");
  const std::string beside = rendered(jinja, traits, {user(), caller({one}, "fovea thinks")});
  traits.content_with_calls = beside.contains("fovea thinks") && beside.contains("fovea_tool");
}

Json content_json(const std::string& text, const TemplateTraits& traits) {
  if (!traits.typed_content) return text;
  return Json::array({Json{{"type", "text"}, {"text", text}}});
}

Json call_json(const TurnCall& call, const TemplateTraits& traits) {
  const bool as_object = traits.object_arguments && !call.arguments.is_null();
  return Json{{"id", call.id},
              {"type", "function"},
              {"function", Json{{"name", call.name}, {"arguments", as_object ? call.arguments : Json(call.text)}}}};
}

Json message_json(const Turn& turn, const TemplateTraits& traits) {
  Json message{{"role", turn.role}, {"content", content_json(turn.text, traits)}};
  if (turn.role == "tool") {
    message["tool_call_id"] = turn.call_id;
    message["name"] = turn.name;
  }
  if (turn.calls.empty()) return message;
  if (turn.text.empty() && traits.null_content) message["content"] = nullptr;
  Json& calls = message["tool_calls"] = Json::array();
  for (const TurnCall& call : turn.calls) calls.push_back(call_json(call, traits));
  return message;
}

}  // namespace

Json messages_json(std::span<const Turn> turns, const TemplateTraits& traits) {
  Json messages = Json::array();
  for (const Turn& turn : turns) messages.push_back(message_json(turn, traits));
  return messages;
}

TemplateTraits traits_of(const Jinja& jinja) {
  TemplateTraits traits;
  const auto carries_text = [&] { return rendered(jinja, traits, {user()}).contains(words); };
  traits.text = carries_text();
  if (!traits.text) {
    traits.typed_content = true;
    traits.text = carries_text();
  }
  const Turn system{.role = "system", .text = "fovea system"};
  traits.system_role = rendered(jinja, traits, {system, user()}).contains(system.text);
  find_tool_traits(jinja, traits);
  return traits;
}

}  // namespace fovea::llama
