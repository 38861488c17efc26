// Refusal: why a request is not served, as OpenAI's error objects tell it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

#include "fovea/result.h"

namespace fovea::serve {

struct Refusal {
  int status = 400;     // HTTP's
  std::string message;  // a sentence: what is wrong, with the numbers, and what to do
  std::string param;    // the request's field that is wrong, such as "messages[0].content[1].image_url"; may be empty
  std::string code;     // a word for programs, such as "unsupported_parameter"; may be empty
  std::uint32_t retry_after_s = 0;  // 0 = nothing is said about when to come again

  // OpenAI's `type`, which follows from the status.
  const char* type() const;
  // {"error": {"message", "type", "param", "code"}}
  std::string json() const;
};

template <typename T>
using Parsed = std::expected<T, Refusal>;

// A field of the request that is wrong.
inline std::unexpected<Refusal> refuse(std::string param, std::string message, std::string code = "invalid_value") {
  return std::unexpected(Refusal{400, std::move(message), std::move(param), std::move(code)});
}

// What an Error of the layers below means to an HTTP client. 499 is nobody's to read: the client has gone.
Refusal refusal_of(const Error& error);

}  // namespace fovea::serve
