// ResponsesReply: an answer as POST /v1/responses replies it: whole, or as the events of a stream. One object
// writes one reply. Not thread-safe: it numbers its events and knows which output item is open.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/openai/reply_form.h"
#include "serve/openai/responses_object.h"
#include "serve/openai/responses_request.h"
#include "serve/openai/tokens/watched_tokens.h"
#include "serve/responses/response_store.h"

namespace fovea::serve {

class ResponsesReply final : public ReplyForm {
 public:
  // Stores the response: its id, reply and output. False where there is no room.
  using Keep = std::function<bool(StoredResponse)>;

  // `keep`: empty = the response is not stored.
  ResponsesReply(std::string model, ResponsesSettings settings, Keep keep, WatchedTokens tokens);

  bool watches_tokens() const override { return tokens_.wanted(); }
  void token(const Token& token) override { tokens_.add(token); }
  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport&) override;
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer& answer) override;
  std::string last_events(std::span<const FinishedAnswer> answers) override;
  std::string error_event(const Refusal& refusal) const override;

 private:
  template <typename Event>
  std::string event(Event event);
  std::string open(OutputItem item);
  std::string close(std::string_view status);

  std::string response(std::string_view status, const FinishedAnswer* answer, bool stored) const;
  // The tokens since the last event as JSON, which are told from now on.
  std::string take_tokens();
  // The finished response, which is stored if it is to be.
  std::string finished(const FinishedAnswer& answer);

  const std::string id_;
  const std::string model_;
  const ResponsesSettings settings_;
  const Keep keep_;
  const std::int64_t created_;
  std::vector<OutputItem> items_;
  WatchedTokens tokens_;     // since the last event
  ChosenTokens told_;        // of the message, the only item where tokens are watched
  bool open_ = false;        // the last item
  std::int64_t events_ = 0;  // written so far
};

}  // namespace fovea::serve
