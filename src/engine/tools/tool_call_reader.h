// ToolCallReader: reads the tool calls of an answer out of its text, while it is generated.
//
// What cannot be the beginning of a call is content and is passed on at once. A call begins when all before
// its arguments was read: its form's tag and the name of a known tool. What is not read so far is content,
// so nothing is lost. Behind that it is a call, and its arguments are passed on as they come. They are not
// checked; an answer that ends within them leaves them unfinished. What stands between content and a call,
// or between two calls, is not passed on if it is white space. Not thread-safe. Knows no model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/tools/call_form.h"
#include "engine/tools/object_end.h"
#include "engine/tools/pattern_match.h"
#include "engine/tools/tagged_arguments.h"
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
  bool cut = false;  // the answer ended within the arguments of its last call
};

class ToolCallReader {
 public:
  // Without tools (ToolUse::wanted() is false) all text is content.
  ToolCallReader(ToolFormat format, const ToolUse& use);

  // Takes the next text of the answer; returns the pieces that it made certain. However the text is cut, the
  // pieces are the same when those of the same kind that follow each other are joined.
  std::vector<AnswerPiece> push(std::string_view text);
  // The rest. Call once, at the end of the answer.
  std::vector<AnswerPiece> finish();
  // Whether what was read so far ends within the arguments of a call.
  bool within_call() const { return part_ == Part::arguments; }

 private:
  enum class Part : std::uint8_t { content, arguments, tail, next };

  void take(char c);
  void match(char c);
  void mismatched();
  void matched(const std::string& name, bool closes);
  void take_arguments(char c);
  void expect(Part part, std::span<const CallPattern> begins, std::span<const CallPattern> closes);
  void behind_arguments();
  void behind_tail();
  void begin_call(const std::string& name);
  void content(char c);
  void add_content(std::string_view text);

  struct Candidate {
    PatternMatch match;
    bool closes;  // a call, or calls that belong together
  };

  const CallForm& form_;
  const ToolUse use_;
  const bool may_call_;
  Part part_ = Part::content;
  std::vector<Candidate> candidates_;  // that may go on
  std::string held_;                   // what they have matched
  std::string space_;                  // white space that is content if content follows
  bool behind_call_ = false;           // nothing but white space has followed since
  std::size_t calls_ = 0;
  ObjectEnd object_;
  std::optional<TaggedArguments> tagged_;
  std::vector<AnswerPiece> pieces_;
};

// All of `text` at once.
AnswerParts read_answer(ToolFormat format, const ToolUse& use, std::string_view text);

}  // namespace fovea
