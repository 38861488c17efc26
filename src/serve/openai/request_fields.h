// request_fields: every field of OpenAI's chat and completion requests, and of llama-server's and vLLM's,
// that may change an answer: kept, ignored or refused. Pure functions.
//
// No field that a client relies on is dropped in silence: one that cannot be kept is refused by its name,
// unless its value asks for nothing. A field that nobody has heard of is ignored.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "serve/wire/json_reader.h"

namespace fovea::serve {

enum class FieldUse : std::uint8_t {
  kept,     // it is read, and changes the answer or the reply
  ignored,  // it is accepted and changes nothing, as docs/serve.md says
  refused,  // values other than neutral ones are refused
};

struct RequestField {
  std::string_view name;
  FieldUse use;
  // Of a refused field: values that ask for nothing, as JSON. So do null, an empty text, list and object, and
  // false where true is not among them.
  std::array<std::string_view, 2> neutral = {};
  std::string_view instead;  // what to do without the field; empty = leave it out
};

std::span<const RequestField> request_fields();

// Refused: the first refused field of the table that asks for something.
Parsed<void> check_fields(const JsonObject& body);

}  // namespace fovea::serve
