// CallForm: what calls of each ToolFormat look like. The reader of answers and the grammar of answers are
// both made of it, so that what the one lets a model write, the other reads. Plain values.
//
// A form is made of patterns. In a pattern a blank is any white space or none, '@' is the name of a tool,
// '#' an id, and every other character is itself. The last character of a pattern that begins a call is the
// first of the call's arguments.
#pragma once

#include <span>
#include <string_view>

#include "engine/tools/tool_format.h"

namespace fovea {

using CallPattern = std::string_view;

// Arguments that are written as tags, not as a JSON object.
struct ArgumentTags {
  CallPattern open;            // before a parameter's name, which has neither '<' nor '>'
  CallPattern named;           // between the name and the value; begins with '<' or '>'
  std::string_view value_end;  // begins with its only '<'
  CallPattern close;           // behind the last parameter
  bool own_lines;              // one line break on each side of a value is not part of it
};

struct CallForm {
  std::span<const CallPattern> first;  // the beginnings of a call in an answer; the first of them is to be written
  bool alone;                          // calls stand at the beginning of the answer or nowhere
  std::span<const CallPattern> tail;   // behind the arguments; the first is to be written; empty: nothing
  std::span<const CallPattern> next;   // the beginning of a call that belongs to the one before it
  std::span<const CallPattern> close;  // behind the last call that belongs together; empty: nothing
  const ArgumentTags* tags;            // null: the arguments are a JSON object
};

const CallForm& call_form(ToolFormat format);

}  // namespace fovea
