// NativeCompletionForm: the ReplyForm of llama-server's own POST /completion, of one choice. Used by one
// thread at a time.
#pragma once

#include <string>

#include "serve/openai/reply_form.h"

namespace fovea::serve {

class NativeCompletionForm final : public ReplyForm {
 public:
  explicit NativeCompletionForm(std::string model) : model_(std::move(model)) {}

  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport&) override { return {}; }
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer&) override { return {}; }
  std::string last_events(std::span<const FinishedAnswer> answers) override;

 private:
  const std::string model_;
};

}  // namespace fovea::serve
