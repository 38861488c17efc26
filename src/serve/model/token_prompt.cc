// The engine takes text. So the tokens are written out and read again, and must be the same ones: an answer
// to other tokens would be an answer to another question.
#include "serve/model/token_prompt.h"

#include <algorithm>
#include <format>
#include <vector>

namespace fovea::serve {

Parsed<std::string> prompt_of_tokens(const VisionLanguageEngine& engine, std::span<const std::int32_t> tokens,
                                     const std::string& where) {
  if (const std::uint32_t context = engine.facts().context_tokens; context > 0 && tokens.size() >= context) {
    const auto count = static_cast<std::uint32_t>(tokens.size());
    return std::unexpected(
        Refusal{400,
                std::format("{} has {} tokens, but the context holds {}, with at least one for the answer", where,
                            count, context),
                where, overflow_code, 0, ContextOverflow{.prompt_tokens = count, .context_tokens = context}});
  }
  std::string text;
  for (const std::int32_t token : tokens) {
    if (token < 0 || token >= engine.facts().vocabulary)
      return refuse(where,
                    std::format("{} names token {}, but the model has {}", where, token, engine.facts().vocabulary));
    text += engine.token_text(token);
  }
  // With what every prompt begins with: once in the tokens, and once more by the engine.
  const std::vector<std::int32_t> around = engine.tokenize("", true, true);
  if (!around.empty()) {
    if (!std::ranges::starts_with(tokens, around))
      return refuse(where,
                    std::format("{} must begin with token {}, as every prompt of this model", where, around.front()));
    text.clear();
    for (const std::int32_t token : tokens.subspan(around.size())) text += engine.token_text(token);
  }
  if (std::ranges::equal(engine.tokenize(text, true, true), tokens)) return text;
  return refuse(where, where + " is not how this model reads that text: send the text", "unsupported_value");
}

}  // namespace fovea::serve
