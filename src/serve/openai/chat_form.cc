#include "serve/openai/chat_form.h"

#include <utility>

#include "engine/token_odds.h"

namespace fovea::serve {

void ChatForm::token(const Token& token) {
  if (token.logits.empty()) return;  // the end of the text, which is no token
  const auto named = [&](const TokenOdds& odds) {
    return TokenChoice{engine_.token_bytes(odds.id), odds.log_probability};
  };
  ChosenToken chosen{named({token.id, log_probability_of(token.logits, token.id)}), {}};
  for (const TokenOdds& odds : likeliest(token.logits, static_cast<std::size_t>(*options_.top_logprobs)))
    chosen.likeliest.push_back(named(odds));
  tokens_.push_back(std::move(chosen));
}

std::string ChatForm::whole(std::span<const FinishedAnswer> answers) {
  return reply_.whole(answers.front().answer, watches_tokens() ? &tokens_ : nullptr);
}

std::string ChatForm::piece_event(const AnswerPiece& piece) {
  const auto* content = std::get_if<ContentPiece>(&piece);
  if (content == nullptr) return {};
  const auto tokens = std::exchange(tokens_, {});
  return reply_.text_event(content->text, watches_tokens() ? &tokens : nullptr, options_.include_usage);
}

}  // namespace fovea::serve
