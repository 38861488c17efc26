// ReplyForm: writes one answer in the format of the API that was asked, chat completions or Responses, whole
// or as events of a stream. An interface. Used by one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "pipeline/request.h"

namespace fovea::serve {

class ReplyForm {
 public:
  virtual ~ReplyForm() = default;

  // Takes each token, before the text that it completes. Called only where watches_tokens().
  virtual bool watches_tokens() const { return false; }
  virtual void token(const Token& /*token*/) {}

  virtual std::string whole(const Answer& answer) = 0;

  // Events of a stream, in their order.
  virtual std::string first_events() = 0;
  virtual std::string text_event(std::string_view text) = 0;
  virtual std::string last_events(const Answer& answer) = 0;
};

}  // namespace fovea::serve
