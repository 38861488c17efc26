// The status decides the error object's `type`. refusal_of() gives each fault a status and a code.
#include "serve/wire/refusal.h"

#include "serve/wire/json_text.h"
#include "serve/wire/valid_text.h"

namespace fovea::serve {

namespace json {

struct Error {
  std::string_view message;
  std::string_view type;
  std::optional<std::string_view> param, code;
};

struct ErrorReply {
  Error error;
};

struct OverflowError {
  std::string_view message, type;
  std::optional<std::string_view> param, code;
  std::uint32_t n_prompt_tokens = 0, n_ctx = 0;
};

struct OverflowReply {
  OverflowError error;
};

}  // namespace json

namespace {

// When the server is full. Long enough for an answer to end, short enough that clients do not give up.
constexpr std::uint32_t retry_after_s = 1;

// A message may quote what the client sent: not a megabyte of it.
std::string_view shortened(std::string_view message) {
  constexpr std::size_t bytes_max = 1000;
  if (message.size() <= bytes_max) return message;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return message.substr(0, end);
}

std::optional<std::string_view> if_any(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(shortened(text));
}

}  // namespace

const char* Refusal::type() const {
  if (overflow) return "exceed_context_size_error";
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return status < 500 ? "invalid_request_error" : "server_error";
  }
}

std::string Refusal::shown() const { return valid_text(shortened(message)); }

std::string Refusal::json() const {
  const std::string told = shown();
  if (overflow)
    return json_text(json::OverflowReply{
        {told, type(), if_any(param), if_any(code), overflow->prompt_tokens, overflow->context_tokens}});
  return json_text(json::ErrorReply{{told, type(), if_any(param), if_any(code)}});
}

Refusal refusal_of(const Error& error) {
  switch (error.fault) {
    case Fault::invalid:
      return {400, error.message, {}, error.overflow ? overflow_code : "invalid_value", 0, error.overflow};
    case Fault::unsupported:
      return {400, error.message, {}, "unsupported"};
    case Fault::too_large:
      return {413, error.message, {}, "too_large"};
    case Fault::not_found:
      return {404, error.message, {}, "not_found"};
    case Fault::unavailable:
      return {503, error.message, {}, "overloaded", retry_after_s};
    case Fault::cancelled:
      return {499, error.message, {}, "cancelled"};
    case Fault::timed_out:
      return {504, error.message, {}, "timed_out"};
    case Fault::corrupt:
    case Fault::internal:
      break;
  }
  return {500, error.message, {}, "internal"};
}

}  // namespace fovea::serve
