#include "serve/asking/request_refusal.h"

#include <algorithm>
#include <array>
#include <string>

#include "serve/wire/cache_control.h"

namespace fovea::serve {

namespace {

// Whether the layers below say it of the tools, in one of their sentences.
bool is_of_tools(std::string_view message) {
  constexpr std::array<std::string_view, 5> beginnings = {"the tool '", "a tool's ", "the schemas of all tools",
                                                          "tool ", "two tools have "};
  return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return message.starts_with(beginning); }) ||
         (message.starts_with("there are ") && message.contains(" tools: "));
}

std::string field_of(std::string_view message, const Request& request, std::string_view format_field) {
  for (const ImageSource& source : request.sources) {
    if (!source.name.empty() && message.starts_with(source.name + ": ")) return source.name;
  }
  if (!request.options.tools.tools.empty()) {
    if (is_of_tools(message)) return "tools";
    if (message.starts_with("tool_choice ")) return "tool_choice";
  }
  if (request.options.json_schema && message.starts_with("the JSON schema ")) return std::string(format_field);
  return {};
}

}  // namespace

Refusal request_refusal(const Error& error, const Request& request, std::string_view format_field) {
  Refusal refusal = refusal_of(error, request.cache);
  if (refusal.param.empty()) refusal.param = field_of(error.message, request, format_field);
  return refusal;
}

}  // namespace fovea::serve
