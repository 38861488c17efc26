// ChatForm: the ReplyForm of POST /v1/chat/completions, with the usage and log probabilities that the client
// asked for. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "serve/openai/chat_reply.h"
#include "serve/openai/reply_form.h"

namespace fovea::serve {

class ChatForm final : public ReplyForm {
 public:
  struct Options {
    bool include_usage = false;                // at the end of a stream
    std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
  };
  // Borrows the engine, for the bytes of tokens.
  ChatForm(ChatReply reply, const VisionLanguageEngine& engine, Options options)
      : reply_(std::move(reply)), engine_(engine), options_(options) {}

  bool watches_tokens() const override { return options_.top_logprobs.has_value(); }
  void token(const Token& token) override;
  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport&) override { return reply_.first_event(options_.include_usage); }
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer&) override { return {}; }
  std::string last_events(std::span<const FinishedAnswer> answers) override {
    return reply_.last_events(answers.front().answer, options_.include_usage);
  }

 private:
  const ChatReply reply_;
  const VisionLanguageEngine& engine_;
  const Options options_;
  std::vector<ChosenToken> tokens_;  // since the last event
};

}  // namespace fovea::serve
