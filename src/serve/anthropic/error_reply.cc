#include "serve/anthropic/error_reply.h"

#include "serve/wire/json_text.h"

namespace fovea::serve::anthropic {

namespace json {

struct Error {
  std::string_view type, message;
};

struct ErrorReply {
  std::string_view type = "error";
  Error error;
  std::string_view request_id;
};

}  // namespace json

std::string_view error_type(const Refusal& refusal) {
  switch (refusal.status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    case 504:
      return "timeout_error";
    default:
      return refusal.status < 500 ? "invalid_request_error" : "api_error";
  }
}

std::string error_json(const Refusal& refusal, std::string_view request_id) {
  const std::string message = refusal.shown();
  return json_text(json::ErrorReply{.error = {error_type(refusal), message}, .request_id = request_id});
}

bool speaks_messages(std::string_view path, std::string_view version) {
  if (path.starts_with("/v1/")) path.remove_prefix(3);
  return path == "/messages" || path.starts_with("/messages/") || !version.empty();
}

}  // namespace fovea::serve::anthropic
