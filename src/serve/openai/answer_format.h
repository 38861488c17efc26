// read_answer_format: response_format of a chat request, and text.format of a Responses request. A pure
// function.
#pragma once

#include "engine/engine.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

// Reads the format in the field `name` of `body`: {"type": "text"}, {"type": "json_object"} or {"type":
// "json_schema"} with its schema, in a json_schema object of its own (chat) or beside the type (Responses).
// The engine decides which schemas it supports.
Parsed<void> read_answer_format(const JsonObject& body, std::string_view name, GenerateOptions& options);

}  // namespace fovea::serve
