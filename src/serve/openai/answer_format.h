// The form that an answer must have: any text, or JSON that fits a schema. Pure functions.
//
// OpenAI, llama-server and vLLM have fields of their own for it. What is a JSON Schema is kept; other ways to
// constrain an answer (grammars, regular expressions, choices of bare texts) are refused by name. The engine
// decides which schemas it supports.
#pragma once

#include <string>

#include "engine/engine.h"
#include "serve/wire/json_reader.h"

namespace fovea::serve {

// Reads the format in the field `name` of `body` (response_format of chat, text.format of Responses):
// {"type": "text"}, {"type": "json_object"}, also with a schema, or {"type": "json_schema"} with its schema,
// in a json_schema object of its own (chat) or beside the type (Responses).
Parsed<void> read_answer_format(const JsonObject& body, std::string_view name, GenerateOptions& options);

// Reads response_format, and in its place llama-server's json_schema or vLLM's guided_json or
// structured_outputs. Refused: more than one of them. `field` becomes the name of the one that counts, or
// empty.
Parsed<void> read_structure(const JsonObject& body, GenerateOptions& options, std::string* field = nullptr);

}  // namespace fovea::serve
