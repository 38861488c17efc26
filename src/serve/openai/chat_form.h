// ChatForm: the ReplyForm of POST /v1/chat/completions, with the log probabilities that the client asked for.
// Used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "serve/openai/chat_reply.h"
#include "serve/openai/reply_form.h"
#include "serve/openai/tokens/watched_tokens.h"

namespace fovea::serve {

class ChatForm final : public ReplyForm {
 public:
  struct Options {
    std::size_t choices = 1;
    std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
  };
  // Borrows the engine, for the bytes of tokens.
  ChatForm(ChatReply::Options reply, const VisionLanguageEngine& engine, Options options)
      : reply_(std::move(reply)), options_(options), tokens_(engine, options.top_logprobs) {}

  bool watches_tokens() const override { return tokens_.wanted(); }
  void token(const Token& token) override { tokens_.add(token); }
  std::string whole(std::span<const FinishedAnswer> answers) override { return reply_.whole(answers, by_choice_); }
  std::string first_events(const RequestReport&) override { return reply_.begin_event(0); }
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer& answer) override;
  std::string last_events(std::span<const FinishedAnswer> answers) override { return reply_.last_events(answers); }

 private:
  const ChatReply reply_;
  const Options options_;
  WatchedTokens tokens_;                 // since the last event
  std::vector<ChosenTokens> by_choice_;  // of the choices that have ended; empty where none are watched
  std::size_t choice_ = 0;               // the current one
};

}  // namespace fovea::serve
