// CompletionForm: the ReplyForm of POST /v1/completions. Used by one thread at a time.
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

class CompletionForm final : public ReplyForm {
 public:
  struct Options {
    std::size_t choices = 1;                   // of each prompt
    std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
    std::vector<std::string> echo;             // by prompt: what its answers begin with; empty = nothing
  };
  // Borrows the engine, for the bytes of tokens.
  CompletionForm(ChatReply::Options reply, const VisionLanguageEngine& engine, Options options);

  bool watches_tokens() const override { return tokens_.wanted(); }
  void token(const Token& token) override { tokens_.add(token); }
  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport&) override { return begin_event(); }
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer& answer) override;
  std::string last_events(std::span<const FinishedAnswer> answers) override;

 private:
  std::string_view echo_of(std::size_t choice) const;
  std::string begin_event() const;
  std::string event(std::string_view text, const ChosenTokens* tokens, const FinishedAnswer* ended) const;

  const ChatReply::Options reply_;
  const Options options_;
  const std::string id_;
  const std::int64_t created_;
  WatchedTokens tokens_;                 // since the last event
  std::vector<ChosenTokens> by_choice_;  // of the choices that have ended; empty where none are watched
  std::size_t choice_ = 0;               // the current one
  std::size_t text_bytes_ = 0;           // of the current choice, sent
};

}  // namespace fovea::serve
