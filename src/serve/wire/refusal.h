// Refusal: why a request is not served: HTTP's status, and the fields of OpenAI's error object. A value.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

#include "fovea/result.h"

namespace fovea::serve {

struct Refusal {
  int status = 400;     // HTTP's
  std::string message;  // a sentence: what is wrong, with numbers, and what to do
  std::string param;    // the request's field that is wrong, such as "messages[0].content[1].image_url"; may be empty
  std::string code;     // a word for programs, such as "unsupported_parameter"; may be empty
  std::uint32_t retry_after_s = 0;          // 0 = no Retry-After header
  std::optional<ContextOverflow> overflow;  // of a prompt that does not fit the context

  // OpenAI's `type`. It follows from the status; a prompt that does not fit has llama-server's.
  const char* type() const;
  // `message` as it is sent: valid UTF-8, and of bounded length.
  std::string shown() const;
  // {"error": {"message", "type", "param", "code"}}. Of a prompt that does not fit, also llama-server's
  // n_prompt_tokens and n_ctx.
  std::string json() const;
};

// OpenAI's code for a prompt that does not fit the context, which clients look for.
inline constexpr const char* overflow_code = "context_length_exceeded";

template <typename T>
using Parsed = std::expected<T, Refusal>;

// The refusal (400) of a field of the request.
inline std::unexpected<Refusal> refuse(std::string param, std::string message, std::string code = "invalid_value") {
  return std::unexpected(Refusal{400, std::move(message), std::move(param), std::move(code)});
}

// An Error of the layers below as a refusal. cancelled becomes 499, which no client reads: it has left.
Refusal refusal_of(const Error& error);

}  // namespace fovea::serve
