// StreamedReply: the reply to a request with "stream": true, as the events of a ReplyForm.
//
// The head is sent once it is known what the levels had. An answer that is stored already is sent in one
// piece, so a reply that may have both kinds begins at once. Used by one thread at a time. Borrows what it is
// made with.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "serve/exchange.h"
#include "serve/openai/reply_form.h"

namespace fovea::serve {

class StreamedReply {
 public:
  // `at_once`: more answers follow the first one, so that no reply waits for its end.
  StreamedReply(Exchange& exchange, ReplyForm& form, double read_ms, bool at_once)
      : exchange_(exchange), form_(form), read_ms_(read_ms), at_once_(at_once) {}

  // A choice begins; the first one begins the reply.
  void start(const RequestReport& so_far);
  void pieces(const std::vector<AnswerPiece>& pieces);
  void choice_end(const FinishedAnswer& answer) { send(form_.choice_end(answer)); }
  void finish(std::span<const FinishedAnswer> answers);

  // Ends a stream that has begun with the refusal as its last event. False where nothing was sent yet: then
  // the refusal can be the whole reply.
  bool broke(const Refusal& refusal);

 private:
  void send(const std::string& event);

  Exchange& exchange_;
  ReplyForm& form_;
  const double read_ms_;
  const bool at_once_;
  bool begun_ = false;
  Reply head_;
  std::unique_ptr<BodyStream> stream_;  // null for a stored answer
};

}  // namespace fovea::serve
