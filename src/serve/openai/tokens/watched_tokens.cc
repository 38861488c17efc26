#include "serve/openai/tokens/watched_tokens.h"

#include "engine/token_odds.h"

namespace fovea::serve {

void WatchedTokens::add(const Token& token) {
  if (token.logits.empty()) return;  // the end of the text, which is no token
  const auto named = [&](const TokenOdds& odds) {
    return TokenChoice{engine_.token_bytes(odds.id), odds.log_probability};
  };
  ChosenToken chosen{named({token.id, log_probability_of(token.logits, token.id)}), {}};
  for (const TokenOdds& odds : likeliest(token.logits, static_cast<std::size_t>(likeliest_.value_or(0))))
    chosen.likeliest.push_back(named(odds));
  tokens_.push_back(std::move(chosen));
}

std::optional<ChosenTokens> WatchedTokens::take() {
  if (!wanted()) return std::nullopt;
  return std::exchange(tokens_, {});
}

}  // namespace fovea::serve
