// ChatForm: an answer as POST /v1/chat/completions replies it, with what the client asked to be told besides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "serve/openai/chat_reply.h"
#include "serve/reply_form.h"

namespace fovea::serve {

class ChatForm final : public ReplyForm {
 public:
  struct Wishes {
    bool include_usage = false;                // at the end of a stream
    std::optional<std::int32_t> top_logprobs;  // absent = no log probabilities
  };
  // Borrows the engine, which knows what tokens are called.
  ChatForm(ChatReply reply, const VisionLanguageEngine& engine, Wishes wishes)
      : reply_(std::move(reply)), engine_(engine), wishes_(wishes) {}

  bool watches_tokens() const override { return wishes_.top_logprobs.has_value(); }
  void token(const Token& token) override;
  std::string whole(const Answer& answer) override;
  std::string first_events() override { return reply_.first_event(wishes_.include_usage); }
  std::string text_event(std::string_view text) override;
  std::string last_events(const Answer& answer) override { return reply_.last_events(answer, wishes_.include_usage); }

 private:
  const ChatReply reply_;
  const VisionLanguageEngine& engine_;
  const Wishes wishes_;
  std::vector<ChosenToken> tokens_;  // that no event has told of
};

}  // namespace fovea::serve
