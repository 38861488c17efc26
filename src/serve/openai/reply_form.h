// ReplyForm: writes the answers to one request in the format of the API that was asked (chat completions,
// Responses, Messages, completions), whole or as events of a stream. An interface. Used by one thread at a
// time.
//
// A stream is: first_events(); for each choice, pieces in their order and then choice_end(); last_events().
#pragma once

#include <span>
#include <string>

#include "engine/tools/tool_call_reader.h"
#include "pipeline/request.h"
#include "serve/wire/refusal.h"

namespace fovea::serve {

// An answer, and what its text says: content and tool calls.
struct FinishedAnswer {
  Answer answer;
  AnswerParts parts;
};

class ReplyForm {
 public:
  virtual ~ReplyForm() = default;

  // Takes each token of the current choice, before the text that it completes. Called only where
  // watches_tokens().
  virtual bool watches_tokens() const { return false; }
  virtual void token(const Token& /*token*/) {}

  // The reply that is no stream, of one answer for each choice.
  // In this form and the streamed one, choice_end() is called behind each choice.
  virtual std::string whole(std::span<const FinishedAnswer> answers) = 0;

  // `so_far`: what is known before the first answer begins (cached and prompt tokens).
  virtual std::string first_events(const RequestReport& so_far) = 0;
  virtual std::string piece_event(const AnswerPiece& piece) = 0;
  // The current choice has ended; what comes next belongs to the next one.
  virtual std::string choice_end(const FinishedAnswer& answer) = 0;
  virtual std::string last_events(std::span<const FinishedAnswer> answers) = 0;
  // The last event of a stream that failed after it began.
  virtual std::string error_event(const Refusal& refusal) const { return "data: " + refusal.json() + "\n\n"; }
};

}  // namespace fovea::serve
