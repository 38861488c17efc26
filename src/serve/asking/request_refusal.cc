#include "serve/asking/request_refusal.h"

#include <string>

namespace fovea::serve {

namespace {

std::string field_of(std::string_view message, const Request& request, std::string_view format_field) {
  for (const ImageSource& source : request.sources) {
    if (!source.name.empty() && message.starts_with(source.name + ": ")) return source.name;
  }
  if (!request.options.tools.tools.empty() && (message.starts_with("the tool '") || message.starts_with("a tool's ") ||
                                               message.starts_with("the schemas of all")))
    return "tools";
  if (request.options.json_schema && message.starts_with("the JSON schema ")) return std::string(format_field);
  return {};
}

}  // namespace

Refusal request_refusal(const Error& error, const Request& request, std::string_view format_field) {
  Refusal refusal = refusal_of(error);
  if (refusal.param.empty()) refusal.param = field_of(error.message, request, format_field);
  return refusal;
}

}  // namespace fovea::serve
