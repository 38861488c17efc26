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

std::string ChatForm::whole(const Answer& answer) {
  return reply_.whole(answer, watches_tokens() ? &tokens_ : nullptr);
}

std::string ChatForm::text_event(std::string_view text) {
  const auto tokens = std::exchange(tokens_, {});
  return reply_.text_event(text, watches_tokens() ? &tokens : nullptr, options_.include_usage);
}

}  // namespace fovea::serve
