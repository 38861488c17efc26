#include "serve/openai/chat_form.h"

#include "serve/wire/fresh_id.h"

namespace fovea::serve {

std::string ChatForm::piece_event(const AnswerPiece& piece) {
  const std::optional<ChosenTokens> tokens = tokens_.take();
  const ChosenTokens* logprobs = tokens ? &*tokens : nullptr;
  if (const auto* content = std::get_if<ContentPiece>(&piece))
    return reply_.content_event(choice_, content->text, logprobs);
  if (const auto* call = std::get_if<CallBegin>(&piece))
    return reply_.call_event(choice_, *call, fresh_id("call_"), logprobs);
  return reply_.arguments_event(choice_, std::get<ArgumentsPiece>(piece), logprobs);
}

std::string ChatForm::choice_end(const FinishedAnswer& answer) {
  std::optional<ChosenTokens> tokens = tokens_.take();
  std::string events = reply_.end_event(choice_, answer, tokens && !tokens->empty() ? &*tokens : nullptr);
  if (tokens) by_choice_.push_back(std::move(*tokens));
  if (++choice_ < options_.choices) events += reply_.begin_event(choice_);
  return events;
}

}  // namespace fovea::serve
