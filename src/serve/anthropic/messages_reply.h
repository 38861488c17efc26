// MessagesReply: an answer as POST /v1/messages of Anthropic's API replies it: whole, or as the events of a
// stream. One object writes one reply. Not thread-safe: it knows which block of the content is open.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serve/openai/reply_form.h"

namespace fovea::serve::anthropic {

class MessagesReply final : public ReplyForm {
 public:
  // `model` is the model's name in the reply, `request_id` what its Request-Id says.
  MessagesReply(std::string model, std::string request_id);

  std::string whole(std::span<const FinishedAnswer> answers) override;
  std::string first_events(const RequestReport& so_far) override;
  std::string piece_event(const AnswerPiece& piece) override;
  std::string choice_end(const FinishedAnswer& answer) override;
  std::string last_events(std::span<const FinishedAnswer> answers) override;
  std::string error_event(const Refusal& refusal) const override;

 private:
  // A block of the content: text, or a call. Opening one closes the block before.
  enum class Block : std::uint8_t { none, text, call };
  std::string open(Block block, std::string_view tool);
  std::string close();
  std::string delta(Block block, std::string_view text);

  const std::string id_;
  const std::string model_;
  const std::string request_id_;
  Block open_ = Block::none;
  std::int64_t blocks_ = 0;  // opened so far
};

// {"input_tokens": n}: the reply to POST /v1/messages/count_tokens.
std::string count_json(std::int64_t prompt_tokens);

}  // namespace fovea::serve::anthropic
