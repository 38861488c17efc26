#include "engine/generate_checks.h"

#include <format>
#include <limits>
#include <span>
#include <string_view>
#include <tuple>

namespace fovea {

namespace {

constexpr double penalty_max = 2;  // this and the next: OpenAI's ranges
constexpr double bias_max = 100;
constexpr std::size_t biases_max = 1024;  // OpenAI takes 300; each costs a little at every token

Result<void> check_range(std::string_view name, double value, double least, double most) {
  if (value >= least && value <= most) return {};
  return fail(Fault::invalid, std::format("{} is {}: give a number from {} to {}", name, value, least, most));
}

Result<void> check_numbers(const GenerateOptions& options) {
  constexpr double any = std::numeric_limits<double>::max();
  const std::tuple<std::string_view, double, double, double> ranges[] = {
      {"temperature", options.temperature, 0, any},
      {"top_p", options.top_p, 0, 1},
      {"min_p", options.min_p, 0, 1},
      {"top_k", options.top_k, 0, any},
      {"frequency_penalty", options.frequency_penalty, -penalty_max, penalty_max},
      {"presence_penalty", options.presence_penalty, -penalty_max, penalty_max},
  };
  for (const auto& [name, value, least, most] : ranges) {
    if (auto checked = check_range(name, value, least, most); !checked) return checked;
  }
  return {};
}

Result<void> check_biases(std::int32_t vocabulary, std::span<const LogitBias> biases) {
  if (biases.size() > biases_max)
    return fail(Fault::invalid, std::format("logit_bias has {} tokens: give at most {}", biases.size(), biases_max));
  for (const LogitBias& biased : biases) {
    if (biased.token < 0 || biased.token >= vocabulary)
      return fail(Fault::invalid, std::format("logit_bias names token {}, but the model's tokens are 0 to {}",
                                              biased.token, vocabulary - 1));
    if (auto checked = check_range("a logit_bias", biased.bias, -bias_max, bias_max); !checked) return checked;
  }
  return {};
}

}  // namespace

Result<void> check_generate(const GenerateOptions& options, std::int32_t vocabulary) {
  if (auto checked = check_numbers(options); !checked) return checked;
  return check_biases(vocabulary, options.logit_bias);
}

}  // namespace fovea
