// WatchedTokens: the tokens that an answer chose, with their log probabilities and those of likelier ones,
// for the logprobs of replies. Not thread-safe. Borrows the engine, for the bytes of tokens.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "engine/engine.h"
#include "serve/openai/chat_reply.h"

namespace fovea::serve {

class WatchedTokens {
 public:
  // `likeliest`: how many of the likeliest tokens are told with each; absent = nothing is watched.
  WatchedTokens(const VisionLanguageEngine& engine, std::optional<std::int32_t> likeliest)
      : engine_(engine), likeliest_(likeliest) {}

  bool wanted() const { return likeliest_.has_value(); }
  // REQUIRES: wanted().
  void add(const Token& token);
  // The tokens since the last call; nullopt where none are watched.
  std::optional<ChosenTokens> take();

 private:
  const VisionLanguageEngine& engine_;
  const std::optional<std::int32_t> likeliest_;
  ChosenTokens tokens_;
};

}  // namespace fovea::serve
