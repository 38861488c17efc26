#include "engine/modelled/modelled_answer.h"

#include <format>
#include <string>

#include "engine/modelled/modelled_tokens.h"

namespace fovea {

namespace {

constexpr std::size_t number_digits = 16;  // of the hash's, enough to tell answers apart

}  // namespace

std::vector<std::int32_t> made_answer(const ModelledTimes& times, const Key& fed, std::uint32_t tokens) {
  const std::string text = std::format("made up: {} (no model ran; the times are those of {} in a profile)",
                                       fed.hex().substr(0, number_digits), times.model);
  std::vector<std::int32_t> answer = modelled_tokens(text, false);
  const std::vector<std::int32_t> on = modelled_tokens(" and so on", false);
  while (answer.size() < tokens) answer.insert(answer.end(), on.begin(), on.end());
  answer.resize(tokens);
  return answer;
}

}  // namespace fovea
