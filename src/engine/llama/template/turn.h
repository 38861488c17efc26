// Turn: a message on its way into a template: its text is protected, and its images are marks. Plain values.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/llama/template/jinja.h"
#include "engine/llama/template/prompt_marks.h"
#include "engine/message.h"

namespace fovea::llama {

struct TurnCall {
  std::string id;
  std::string name;
  std::string text;  // of the arguments, as it was written
  Json arguments;    // the same as a value; null where the text is no JSON
};

struct Turn {
  std::string role;
  std::string text;
  std::vector<TurnCall> calls;  // of the assistant
  std::string call_id;          // of a tool's result
  std::string name;             // likewise: of the tool
};

// The turns of `messages`. Calls and results have ids of nine letters and digits, numbered in their order,
// since some templates demand that, and so that a client's random ids never change a prompt. A result without
// an id, or with one that no call has, is of the first call that has no result. Faults: those of json_of for
// the arguments of calls.
Result<std::vector<Turn>> turns_of(std::span<const Message> messages, PromptMarks& marks, std::size_t& fields);

// The value of a JSON text; null if it is none. `fields` counts the fields of all the texts of a request.
// Faults: invalid where it is too deep, or has too many fields, to be rendered; `what` it is goes into the
// sentence.
Result<Json> json_of(std::string_view text, std::string_view what, std::size_t& fields);

}  // namespace fovea::llama
