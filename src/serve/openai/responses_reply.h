// ResponsesReply: an answer as POST /v1/responses replies it: whole, or as the events of a stream. One object
// writes one reply. Not thread-safe: it numbers its events.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "serve/openai/reply_form.h"

namespace fovea::serve {

class ResponsesReply final : public ReplyForm {
 public:
  explicit ResponsesReply(std::string model);

  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport&) override;
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer&) override { return {}; }
  std::string last_events(std::span<const FinishedAnswer> answers) override;

 private:
  template <typename Event>
  std::string event(Event event);

  std::string id_;
  std::string message_id_;
  std::int64_t created_;
  std::string model_;
  std::int64_t events_ = 0;  // written so far
};

}  // namespace fovea::serve
