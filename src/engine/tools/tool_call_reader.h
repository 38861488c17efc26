// ToolCallReader: reads the tool calls of an answer out of its text, while it is generated.
//
// What cannot be the beginning of a call is content and is passed on at once. A call that is not whole when the
// answer ends, or that calls no known tool, is content too: nothing is lost. Not thread-safe. Knows no model.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/tools/tool_format.h"
#include "engine/tools/tool_use.h"

namespace fovea {

// Pieces of an answer, in the order in which they are certain.
struct ContentPiece {
  std::string text;
  friend bool operator==(const ContentPiece&, const ContentPiece&) = default;
};
struct CallBegin {
  std::size_t index;  // of the call in the answer, from 0
  std::string name;
  friend bool operator==(const CallBegin&, const CallBegin&) = default;
};
struct ArgumentsPiece {
  std::size_t index;  // of its call
  std::string text;   // the next characters of the arguments' JSON
  friend bool operator==(const ArgumentsPiece&, const ArgumentsPiece&) = default;
};
using AnswerPiece = std::variant<ContentPiece, CallBegin, ArgumentsPiece>;

// A whole answer. The calls have no ids: each reply gives them its own.
struct AnswerParts {
  std::string content;
  std::vector<ToolCall> calls;
};

class ToolCallReader {
 public:
  // Without tools (ToolUse::wanted() is false) all text is content.
  ToolCallReader(ToolFormat format, const ToolUse& use);

  // Takes the next text of the answer; returns the pieces that it made certain.
  std::vector<AnswerPiece> push(std::string_view text);
  // The rest. Call once, at the end of the answer.
  std::vector<AnswerPiece> finish();

 private:
  const ToolFormat format_;
  const ToolUse use_;
  std::string pending_;
};

// All of `text` at once.
AnswerParts read_answer(ToolFormat format, const ToolUse& use, std::string_view text);

}  // namespace fovea
